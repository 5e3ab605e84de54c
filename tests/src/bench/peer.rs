//! hls4ml, measured in the same run: same weights, same precision, same inputs.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::{models, npy};
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

/// Measures the peer's `jet_tagger` with `python`.
///
/// # Errors
/// If the script fails or does not answer as it should.
pub(super) fn measure(python: &Path, inputs: &[f32], columns: usize, seconds: f64) -> Result<Peer, Error> {
    let folder = tempfile::tempdir().map_err(Error::io("the folder for temporary files"))?;
    let (x, y) = (folder.path().join("x.npy"), folder.path().join("y.npy"));
    npy::write(&x, inputs, columns)?;
    let root = host::root();
    let mut command = Command::new(python);
    command
        .arg(root.join("xtask/peer/hls4ml_bench.py"))
        .args(["--model", "jet_tagger", "--seconds", &seconds.to_string(), "--weights"])
        .arg(root.join(models::WEIGHTS))
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
