//! Emitted C++, built with a host compiler, against the engine.

mod shrink;
mod table;

use std::path::{Path, PathBuf};

use hls4rs_ir::Resolved;
use rayon::prelude::*;

use crate::cxx::{self, Backend, Toolchain};
use crate::progress::Progress;
use crate::random::{Raw, network, samples};
use crate::rng::Rng;
use crate::simulate::Simulation;
use crate::{Error, host};

pub use cxx::backend;
pub use table::Table;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Equal {
    /// The backend.
    pub backend: Backend,
    /// How many random networks.
    pub networks: usize,
    /// The seed of the networks and of their inputs.
    pub seed: u64,
}

/// Samples for each network.
const SAMPLES: usize = 60;
/// Samples of a case that is written out.
const SHOWN: usize = 4;

/// Compares the networks and prints what came out; whether all were equal.
///
/// # Errors
/// If a tool is missing.
pub fn run(equal: &Equal) -> Result<bool, Error> {
    let toolchain = Toolchain::find()?;
    let spells = cxx::spells(equal.backend);
    let progress = Progress::new("networks compared with C++", equal.networks);
    let networks: Vec<Resolved> =
        (0..equal.networks).into_par_iter().map(|n| network(equal.seed, n, spells)).collect();
    let mut table = Table::default();
    networks.iter().for_each(|network| table.add(network));
    let outcomes: Vec<Result<Option<PathBuf>, Error>> = networks
        .par_iter()
        .enumerate()
        .map(|(n, network)| {
            let outcome = compare(equal, &toolchain, n, network);
            progress.step();
            outcome
        })
        .collect();
    println!("{table}");
    let mut wrong = 0;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(None) => continue,
            Ok(Some(folder)) => println!("network {n}: C++ and simulation differ; see {}", folder.display()),
            Err(error) => println!("network {n}: {error}"),
        }
        wrong += 1;
    }
    println!("equal: {} {} networks, {wrong} mismatches", cxx::name(equal.backend), equal.networks);
    Ok(wrong == 0)
}

/// Compares one network; a difference is made small and written into the folder that is given back.
fn compare(equal: &Equal, tools: &Toolchain, n: usize, network: &Resolved) -> Result<Option<PathBuf>, Error> {
    let Equal { backend, seed, .. } = *equal;
    let inputs = samples(network, &mut Rng::of(seed, n as u64), SAMPLES);
    if tools.outputs(backend, network, &inputs)? == Simulation::new(network).raw(&inputs) {
        return Ok(None);
    }
    eprintln!("network {n} differs; making it smaller");
    let differs = |smaller: &Resolved| {
        let inputs = samples(smaller, &mut Rng::of(seed, n as u64), SAMPLES);
        let outputs = tools.outputs(backend, smaller, &inputs);
        outputs.is_ok_and(|outputs| outputs != Simulation::new(smaller).raw(&inputs))
    };
    let small = shrink::shrink(network, &differs);
    let folder = host::target().join("equal").join(format!("{}-{seed}-{n}", cxx::name(backend)));
    write(&folder, backend, tools, &small, &mut Rng::of(seed, n as u64))?;
    Ok(Some(folder))
}

/// Writes a network that differs: the graph, and the inputs and both outputs of some samples that do.
fn write(
    folder: &Path,
    backend: Backend,
    tools: &Toolchain,
    network: &Resolved,
    rng: &mut Rng,
) -> Result<(), Error> {
    let inputs = samples(network, rng, SAMPLES);
    let (cxx, engine) = (tools.outputs(backend, network, &inputs)?, Simulation::new(network).raw(&inputs));
    let different = (0..inputs.len()).filter(|&n| cxx[n] != engine[n]).take(SHOWN);
    let text = |raw: &[Raw]| raw.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(" ");
    let lines = different.map(|n| {
        format!("sample {n}\n  inputs {}\n  C++    {}\n  engine {}\n", text(&inputs[n]), text(&cxx[n]), text(&engine[n]))
    });
    host::write(&folder.join("samples.txt"), lines.collect::<String>())?;
    host::write(&folder.join("graph.json"), network.graph().to_json())?;
    host::write(&folder.join("network.rs"), crate::dsl::print(network.graph(), "Network"))?;
    tools.keep(backend, network, &inputs, &folder.join("project"))
}
