//! Recorded cases of hls4ml 1.3.0, replayed from their final layer table.

pub mod build;
pub mod case;
pub mod convert;
mod exceptions;
mod layers;
mod replay;

use hls4rs_ir::Resolved;

use crate::Error;

pub use replay::{Outcome, Replay, committed, outcome, run, usual_dir};

/// Networks of recorded cases as they are imported from their model files, `count` of them from all that can be and
/// that `suits` takes, with their ids.
///
/// # Errors
/// If the folder of the cases cannot be read.
pub fn imports(count: usize, suits: impl Fn(&Resolved) -> bool) -> Result<Vec<(String, Resolved)>, Error> {
    let folders = case::folders(&usual_dir())?;
    let network = |folder: &std::path::PathBuf| {
        let case = case::Case::read(folder).ok()?;
        let network = convert::imported(&case).ok()??.network;
        Some((case.id, network)).filter(|(_, network)| suits(network))
    };
    let all: Vec<_> = folders.iter().filter_map(network).collect();
    // Spread over all frontends, the same ones every time.
    let step = (all.len() / count.max(1)).max(1);
    Ok(all.into_iter().step_by(step).take(count).collect())
}
