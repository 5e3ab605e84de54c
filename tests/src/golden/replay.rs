//! Runs recorded cases through the engine and compares the outputs, bit for bit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs_ir::Resolved;
use rayon::prelude::*;

use super::build::{self, Unbuilt};
use super::case::{self, Case, Port};
use super::convert;
use super::exceptions::{self, Exceptions};
use crate::progress::Progress;
use crate::simulate::Simulation;
use crate::{Error, host};

/// What to replay.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The folder of the cases; by default the collection beside the workspace, else the committed ones.
    pub dir: Option<PathBuf>,
    /// Only cases whose path contains this.
    pub filter: Option<String>,
    /// Whether every case that is counted apart is named.
    pub verbose: bool,
    /// Whether the graphs are made of the recorded layer tables, and not of the model files.
    pub tables: bool,
}

/// What came out for one case.
#[derive(Debug)]
pub enum Outcome {
    /// Every output is equal.
    Exact {
        /// How many values were compared.
        values: usize,
    },
    /// An output differs.
    Differs(String),
    /// The case is of a backend with other numerics, or has no outputs.
    Apart(String),
    /// The case needs something that does not exist here yet.
    NotYet(String),
    /// The case cannot be run although it should.
    Broken(String),
}

/// Runs the cases and prints what came out; whether every difference was expected.
///
/// # Errors
/// If the cases cannot be found.
pub fn run(replay: &Replay) -> Result<bool, Error> {
    let root = replay.dir.clone().unwrap_or_else(usual_dir);
    let wanted = |folder: &PathBuf| {
        let name = folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned();
        replay.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    };
    let folders: Vec<_> = case::folders(&root)?.into_iter().filter(wanted).collect();
    if folders.is_empty() {
        return Err(Error::malformed(root.display(), "no cases are there"));
    }
    let progress = Progress::new("golden cases", folders.len());
    let outcomes: Vec<_> = folders
        .par_iter()
        .map(|folder| {
            let outcome = if replay.tables { outcome(folder) } else { convert::outcome(folder) };
            progress.step();
            (host::name(folder), folder.clone(), outcome)
        })
        .collect();
    if !replay.tables {
        return Ok(convert::report(&outcomes, &exceptions::read()?, replay.verbose));
    }
    Ok(report(&outcomes, &exceptions::read()?, replay.verbose))
}

/// The collection beside the workspace if it is there, else the committed cases.
pub fn usual_dir() -> PathBuf {
    let beside = host::root().join("../shared/golden");
    if beside.is_dir() { beside } else { committed() }
}

/// The committed cases.
pub fn committed() -> PathBuf {
    host::root().join("tests/golden")
}

/// Replays one case.
pub fn outcome(folder: &Path) -> Outcome {
    match compare(folder) {
        Ok(outcome) => outcome,
        Err(Unbuilt::NotYet(what)) => Outcome::NotYet(what),
        Err(Unbuilt::Broken(error)) => Outcome::Broken(error.to_string()),
    }
}

fn compare(folder: &Path) -> Result<Outcome, Unbuilt> {
    let case = Case::read(folder)?;
    if !matches!(case.backend.as_str(), "Vivado" | "Vitis") {
        return Ok(Outcome::Apart(format!("backend {}", case.backend)));
    }
    if !case.simulated {
        return Ok(Outcome::Apart("no recorded outputs".to_owned()));
    }
    let network = build::network(&case, &case.weights()?)?;
    compare_outputs(&case, &network)
}

/// Runs a network with the inputs of a case and compares every output.
pub(super) fn compare_outputs(case: &Case, network: &Resolved) -> Result<Outcome, Unbuilt> {
    let mut io = case.io()?;
    let mut array = |port: &Port| {
        let found = port.key.as_ref().and_then(|key| io.remove(key));
        found.ok_or_else(|| Error::malformed(&case.id, format!("no array for `{}`", port.name)))
    };
    let inputs = case.inputs.iter().map(&mut array).collect::<Result<Vec<_>, _>>()?;
    let expected = case.outputs.iter().map(&mut array).collect::<Result<Vec<_>, _>>()?;
    let inputs: Vec<_> = inputs.iter().map(|tensor| tensor.values().to_vec()).collect();
    let found = Simulation::new(network).values(&inputs);
    let mut values = 0;
    for ((port, expected), found) in case.outputs.iter().zip(&expected).zip(&found) {
        let expected = expected.values();
        if expected.len() != found.len() {
            let reason =
                format!("output `{}`: {} values, recorded {}", port.name, found.len(), expected.len());
            return Err(Error::malformed(&case.id, reason).into());
        }
        let wrong: Vec<_> = (0..found.len()).filter(|&n| expected[n] != found[n]).collect();
        if let Some(&first) = wrong.first() {
            let size: usize = port.shape.iter().product();
            return Ok(Outcome::Differs(format!(
                "output `{}`: {} of {} values differ; sample {}, element {}: {} here, {} recorded",
                port.name,
                wrong.len(),
                found.len(),
                first / size,
                first % size,
                found[first],
                expected[first],
            )));
        }
        values += found.len();
    }
    Ok(Outcome::Exact { values })
}

/// Prints the outcomes; whether every difference was expected, and every expected difference is one.
fn report(outcomes: &[(String, PathBuf, Outcome)], exceptions: &Exceptions, verbose: bool) -> bool {
    let mut apart: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let (mut exact, mut excused, mut wrong, mut values) = (0, 0, 0, 0);
    for (id, _, outcome) in outcomes {
        match (outcome, exceptions.reason(id)) {
            (Outcome::Exact { values: n }, None) => {
                exact += 1;
                values += n;
            }
            (Outcome::Exact { .. }, Some(_)) => {
                exact += 1;
                wrong += 1;
                println!("{id}: is bit-exact again; remove it from {}", exceptions::FILE);
            }
            (Outcome::Differs(what), Some(reason)) => {
                excused += 1;
                println!("{id}: {what}\n  expected: {reason}");
            }
            (Outcome::Differs(what) | Outcome::Broken(what), _) => {
                wrong += 1;
                println!("{id}: {what}");
            }
            (Outcome::Apart(what) | Outcome::NotYet(what), _) => apart.entry(what).or_default().push(id),
        }
    }
    if !apart.is_empty() {
        println!("\nnot replayed:");
    }
    for (what, ids) in &apart {
        println!("{:>6}  {what}", ids.len());
        if verbose {
            ids.iter().for_each(|id| println!("        {id}"));
        }
    }
    let replayed = outcomes.len() - apart.values().map(Vec::len).sum::<usize>();
    println!("\ngolden: {exact}/{replayed} bit-exact ({values} values; {excused} expected to differ)");
    wrong == 0
}
