//! From a model's file to the first prediction, as a process; beside hls4ml's conversion, compilation and prediction.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{npy, random_inputs};
use crate::{Error, golden, host};

/// How often our process is run.
const RUNS: usize = 20;

/// The samples that are predicted.
const SAMPLES: usize = 2;

/// What the peer's script says of itself.
#[derive(Debug, Deserialize)]
struct Peer {
    seconds: f64,
    hls4ml: String,
}

/// Measures and prints; whether the peer, if there is one, has predicted the same bits.
///
/// # Errors
/// If the command cannot be built, or a process fails.
pub(super) fn run(peer: Option<&Path>) -> Result<bool, Error> {
    let (name, model, columns) = model();
    let folder = tempfile::tempdir().map_err(Error::io("the folder for temporary files"))?;
    let at = |name: &str| folder.path().join(name);
    npy::write(&at("x.npy"), &random_inputs(SAMPLES, columns), columns)?;
    let theirs = peer.map(|python| measure_peer(python, &model, folder.path())).transpose()?;
    let program = build()?;
    let mut command = Command::new(&program);
    command.args(["predict", "--input"]).arg(at("x.npy")).arg("-o").arg(at("ours.npy")).arg(&model);
    if theirs.is_some() {
        command.arg("-c").arg(at("config.json"));
    }
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        host::run("hls4rs predict", &mut command)?;
        best = best.min(start.elapsed());
    }
    let ours = best.as_secs_f64();
    println!("{name}: from the file to the first prediction in {:.1} ms as a process", 1e3 * ours);
    let Some(Peer { seconds, hls4ml }) = theirs else { return Ok(true) };
    // Ours are of double precision, which holds what fits theirs.
    let ours_bits = npy::read_any(&at("ours.npy"))?;
    let equal = ours_bits == npy::read_any(&at("theirs.npy"))?;
    let verdict = if equal { "bit-equal" } else { "outputs differ" };
    println!(
        "{name}: hls4ml {hls4ml} in {seconds:.1} s after its imports, {:.0} times as long, {verdict}",
        seconds / ours
    );
    Ok(equal)
}

/// The jet tagger of the recorded cases, or where they are not at hand the digits of the examples; and its inputs.
fn model() -> (&'static str, PathBuf, usize) {
    let jets = golden::usual_dir().join("keras_v3/test_jet_mlp-bd1b2752/model.keras");
    if jets.is_file() {
        return ("jet tagger", jets, 16);
    }
    ("digits", host::root().join("examples/digits/model.keras"), 64)
}

fn measure_peer(python: &Path, model: &Path, folder: &Path) -> Result<Peer, Error> {
    let mut command = Command::new(python);
    command.arg(host::root().join("xtask/peer/hls4ml_first.py")).arg("--model").arg(model);
    for (option, file) in [("--inputs", "x.npy"), ("--outputs", "theirs.npy"), ("--config", "config.json")] {
        command.arg(option).arg(folder.join(file));
    }
    let out = command.stderr(Stdio::null()).output().map_err(Error::io(python))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        let what = "hls4ml_first.py; it needs hls4ml and keras".to_owned();
        return Err(Error::Command { what, output: text });
    }
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).map_err(|e| Error::malformed("the answer of hls4ml_first.py", e))
}

/// Builds the command and gives its program.
fn build() -> Result<PathBuf, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(host::root()).args(["build", "--quiet", "--release", "-p", "hls4rs"]);
    host::run("the build of the command", &mut command)?;
    Ok(host::target().join("release").join(format!("hls4rs{}", std::env::consts::EXE_SUFFIX)))
}
