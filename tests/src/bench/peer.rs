//! hls4ml, measured in the same run: same weights, same precision, same inputs.

use std::path::Path;
use std::process::{Command, Stdio};

use hls4rs_ir::{Node, Slot};
use serde::Deserialize;

use super::models::Model;
use super::npy;
use crate::{Error, host};

/// What the peer's script says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Peer {
    /// Inferences per second of the fastest call.
    pub(super) samples_per_second: f64,
    /// Its version.
    pub(super) hls4ml: String,
    /// How long its C++ took to compile.
    pub(super) compile_seconds: f64,
    /// What it predicts for the inputs, row major.
    #[serde(skip)]
    pub(super) outputs: Vec<f32>,
}

/// Measures the peer's network `name`, with the weights of a model, with `python`.
///
/// # Errors
/// If the script fails or does not answer as it should.
pub(super) fn measure(
    python: &Path,
    name: &str,
    model: &Model,
    inputs: &[f32],
    seconds: f64,
) -> Result<Peer, Error> {
    let folder = tempfile::tempdir().map_err(Error::io("the folder for temporary files"))?;
    let (x, y) = (folder.path().join("x.npy"), folder.path().join("y.npy"));
    npy::write(&x, inputs, model.columns())?;
    for node in model.network.graph().nodes() {
        for (slot, name) in
            [(Slot::Weight, node.name.clone()), (Slot::RecurrentWeight, node.name.clone() + "_recurrent")]
        {
            write_matrix(folder.path(), node, slot, &name)?;
        }
    }
    let mut command = Command::new(python);
    command
        .arg(host::root().join("xtask/peer/hls4ml_bench.py"))
        .args(["--model", name, "--seconds", &seconds.to_string(), "--weights"])
        .arg(folder.path())
        .arg("--inputs")
        .arg(&x)
        .arg("--outputs")
        .arg(&y)
        .stderr(Stdio::inherit());
    let out = command.output().map_err(Error::io(python))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        return Err(Error::Command { what: "the measurement of hls4ml".to_owned(), output: text });
    }
    let line = text.lines().last().unwrap_or_default();
    let mut peer: Peer =
        serde_json::from_str(line).map_err(|e| Error::malformed("the answer of hls4ml_bench.py", e))?;
    peer.outputs = npy::read(&y)?;
    Ok(peer)
}

/// A matrix and the bias that goes with it, if the node has one there.
fn write_matrix(folder: &Path, node: &Node, slot: Slot, name: &str) -> Result<(), Error> {
    let Some(matrix) = node.values.get(slot) else { return Ok(()) };
    let single = |values: &[f64]| -> Vec<f32> { values.iter().map(|&v| v as f32).collect() };
    let columns = matrix.shape().channels();
    npy::write(&folder.join(format!("{name}.weight.npy")), &single(matrix.values()), columns)?;
    let bias = node.values.get(Slot::Bias).filter(|_| slot == Slot::Weight);
    let bias = bias.map_or_else(|| vec![0.0; columns], |bias| single(bias.values()));
    npy::write(&folder.join(format!("{name}.bias.npy")), &bias, columns)
}
