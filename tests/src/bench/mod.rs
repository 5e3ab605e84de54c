//! Throughput of the simulation, beside hls4ml's C simulation if that is at hand.

mod cnn;
mod models;
mod npy;
mod peer;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Error;
use crate::rng::Rng;
use crate::simulate::{Runner, runners};
use models::Model;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    /// A Python with hls4ml 1.3.0.
    pub peer: Option<PathBuf>,
    /// How long each figure is measured.
    pub seconds: f64,
}

/// Samples that the peer gets: as many as its script takes by itself.
const PEER_SAMPLES: usize = 2000;

/// Measures and prints a table; whether the peer, if there is one, has predicted the same bits.
///
/// # Errors
/// If the weights cannot be read or the peer cannot be run.
pub fn run(bench: &Bench) -> Result<bool, Error> {
    let models = models::all()?;
    let columns = |model: &Model| model.network.graph().inputs().map(|(_, node)| node.shape.elements()).sum();
    let mut ours = Vec::new();
    println!("{:<14} {:<22} {:>16}", "network", "how", "inferences/s");
    for model in &models {
        let inputs = random_inputs(model.samples, columns(model));
        for runner in runners(&model.network) {
            eprintln!("measuring {} ({})", model.name, runner.name());
            let speed = throughput(&runner, (&inputs, model.samples), bench.seconds);
            println!("{:<14} {:<22} {:>16.0}", model.name, runner.name(), speed);
            ours.push((model.name, runner.name().to_owned(), speed));
        }
    }
    for model in &models {
        println!("{}: {}", model.name, model.about);
    }
    let Some(python) = &bench.peer else {
        println!("bench: {} figures", ours.len());
        return Ok(true);
    };
    let peer_inputs = random_inputs(PEER_SAMPLES, columns(&models[0]));
    let peer = peer::measure(python, &peer_inputs, columns(&models[0]), bench.seconds.max(1.0))?;
    println!(
        "{:<14} {:<22} {:>16.0}",
        "jet_tagger",
        format!("hls4ml {}", peer.hls4ml),
        peer.samples_per_second
    );
    println!("(hls4ml has taken {:.1} s to compile its C++ first)", peer.compile_seconds);
    for (_, how, speed) in ours.iter().filter(|(name, ..)| *name == "jet_tagger") {
        println!("{how}: {:.0} times hls4ml", speed / peer.samples_per_second);
    }
    let found = runners(&models[0].network).first().map(|runner| runner.predict(&peer_inputs));
    let found = found.unwrap_or_default();
    let different = found.iter().zip(&peer.outputs).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
    let equal = different == 0 && found.len() == peer.outputs.len();
    let verdict = if equal { "bit-equal".to_owned() } else { format!("{different} values differ") };
    let best = ours.iter().filter(|(name, ..)| *name == "jet_tagger").map(|(.., speed)| *speed);
    let ratio = best.fold(0.0, f64::max) / peer.samples_per_second;
    println!("bench: {} figures, {ratio:.0} times hls4ml, {} outputs {verdict}", ours.len(), found.len());
    Ok(equal)
}

fn random_inputs(samples: usize, columns: usize) -> Vec<f32> {
    let mut rng = Rng::new(1);
    (0..samples * columns).map(|_| rng.normal() as f32).collect()
}

/// Inferences per second of the fastest call.
fn throughput(runner: &Runner, (inputs, samples): (&[f32], usize), seconds: f64) -> f64 {
    let start = Instant::now();
    let mut best = Duration::MAX;
    let mut calls = 0;
    while calls < 3 || start.elapsed().as_secs_f64() < seconds {
        let before = Instant::now();
        std::hint::black_box(runner.predict(std::hint::black_box(inputs)));
        best = best.min(before.elapsed());
        calls += 1;
    }
    samples as f64 / best.as_secs_f64()
}
