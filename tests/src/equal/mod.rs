//! The engine against another computation of the same network: emitted C++, or the oracle.

mod shrink;
mod table;

use std::path::{Path, PathBuf};

use hls4rs_fixed::Format;
use hls4rs_ir::{Resolved, source};
use rayon::prelude::*;

use crate::cxx::Cxx;
use crate::progress::Progress;
use crate::random::{Raw, network, samples};
use crate::rng::Rng;
use crate::simulate::Simulation;
use crate::typed::HEADER;
use crate::{Error, host, oracle};

pub use table::Table;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Equal {
    /// What the engine is compared with: a backend by its name, or `oracle`.
    pub with: String,
    /// How many random networks.
    pub networks: usize,
    /// The seed of the networks and of their inputs.
    pub seed: u64,
    /// Only the network with this number.
    pub only: Option<usize>,
}

/// Samples for each network: more than a block of the engine.
const SAMPLES: usize = 80;
/// Samples of a case that is written out.
const SHOWN: usize = 4;

/// What the engine is compared with.
enum Other {
    Oracle,
    Cxx(Cxx),
}

impl Other {
    fn find(name: &str) -> Result<Self, Error> {
        if name == "oracle" { Ok(Self::Oracle) } else { Cxx::new(name).map(Self::Cxx) }
    }

    /// Whether the formats of a network can be spelled.
    fn spells(&self, format: Format) -> bool {
        match self {
            Self::Oracle => true,
            Self::Cxx(cxx) => cxx.spells(format),
        }
    }

    /// Whether networks can be streamed.
    fn streams(&self) -> bool {
        match self {
            Self::Oracle => true,
            Self::Cxx(cxx) => cxx.streams(),
        }
    }

    /// How many smaller networks are worth trying for a difference.
    fn tries(&self) -> usize {
        match self {
            Self::Oracle => 3000,
            Self::Cxx(_) => 60,
        }
    }

    fn outputs(&self, network: &Resolved, inputs: &[Vec<Raw>]) -> Result<Vec<Vec<Raw>>, Error> {
        match self {
            Self::Oracle => Ok(inputs.iter().map(|sample| oracle::outputs(network, sample)).collect()),
            Self::Cxx(cxx) => cxx.outputs(network, inputs),
        }
    }
}

/// Compares the networks and prints what came out; whether all were equal.
///
/// # Errors
/// If a tool is missing.
pub fn run(equal: &Equal) -> Result<bool, Error> {
    let Equal { with, seed, .. } = equal;
    let other = Other::find(with)?;
    let numbers: Vec<usize> = equal.only.map_or((0..equal.networks).collect(), |n| vec![n]);
    let count = numbers.len();
    let progress = Progress::new("networks compared", count);
    let random = |&n: &usize| (n, network(*seed, n, &|format| other.spells(format), other.streams()));
    let networks: Vec<(usize, Resolved)> = numbers.par_iter().map(random).collect();
    let mut table = Table::default();
    networks.iter().for_each(|(_, network)| table.add(network));
    let outcomes: Vec<(usize, Result<Option<PathBuf>, Error>)> = networks
        .par_iter()
        .map(|(n, network)| {
            let outcome = compare(equal, &other, *n, network);
            progress.step();
            (*n, outcome)
        })
        .collect();
    println!("{table}");
    let mut wrong = 0;
    for (n, outcome) in outcomes {
        match outcome {
            Ok(None) => continue,
            Ok(Some(folder)) => println!("network {n} is not as simulated; see {}", folder.display()),
            Err(error) => println!("network {n}: {error}"),
        }
        wrong += 1;
    }
    println!("equal: {with} {count} networks, {wrong} mismatches");
    Ok(wrong == 0)
}

/// What a comparison comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Equal,
    Differs,
    /// The other computation cannot be compiled, or does not come to its end.
    Fails,
}

impl Other {
    fn verdict(&self, network: &Resolved, inputs: &[Vec<Raw>]) -> Result<Verdict, Error> {
        match self.outputs(network, inputs) {
            Ok(outputs) if outputs == Simulation::new(network).raw(inputs) => Ok(Verdict::Equal),
            Ok(_) => Ok(Verdict::Differs),
            Err(Error::Command { .. }) => Ok(Verdict::Fails),
            Err(error) => Err(error),
        }
    }
}

/// Compares one network; one that differs is made small and written into the folder that is given back.
fn compare(equal: &Equal, other: &Other, n: usize, network: &Resolved) -> Result<Option<PathBuf>, Error> {
    let inputs = |network: &Resolved| samples(network, &mut Rng::of(equal.seed, n as u64), SAMPLES);
    let verdict = other.verdict(network, &inputs(network))?;
    if verdict == Verdict::Equal {
        return Ok(None);
    }
    let what = if verdict == Verdict::Differs { "differs" } else { "does not run" };
    eprintln!("network {n} {what}; making it smaller");
    let same =
        |smaller: &Resolved| other.verdict(smaller, &inputs(smaller)).is_ok_and(|found| found == verdict);
    let small = shrink::shrink(network, other.tries(), &same);
    let folder = host::target().join("equal").join(format!("{}-{}-{n}", equal.with, equal.seed));
    write(&folder, other, &small, &inputs(&small))?;
    Ok(Some(folder))
}

/// Writes a network that differs: the graph, and the inputs and both outputs of some samples that do.
fn write(folder: &Path, other: &Other, network: &Resolved, inputs: &[Vec<Raw>]) -> Result<(), Error> {
    let report = match other.outputs(network, inputs) {
        Ok(found) => differences(inputs, &found, &Simulation::new(network).raw(inputs)),
        Err(error) => error.to_string(),
    };
    let formats = network.iter().map(|(_, node, facts)| format!("{}: {:?}\n", node.name, facts.formats));
    host::write(&folder.join("report.txt"), report)?;
    host::write(&folder.join("formats.txt"), formats.collect::<String>())?;
    host::write(&folder.join("graph.json"), network.graph().to_json())?;
    host::write(&folder.join("network.rs"), source::network(network.graph(), HEADER))?;
    match other {
        Other::Oracle => Ok(()),
        Other::Cxx(cxx) => cxx.write(network, inputs, &folder.join("project")),
    }
}

/// The first samples that differ, in words.
fn differences(inputs: &[Vec<Raw>], found: &[Vec<Raw>], engine: &[Vec<Raw>]) -> String {
    let text = |raw: &[Raw]| raw.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(" ");
    let different = (0..inputs.len()).filter(|&n| found.get(n) != engine.get(n)).take(SHOWN);
    let lines = different.map(|n| {
        let found = found.get(n).map_or("nothing".to_owned(), |sample| text(sample));
        format!(
            "sample {n}\n  inputs {}\n  other  {found}\n  engine {}\n",
            text(&inputs[n]),
            text(&engine[n])
        )
    });
    lines.collect()
}
