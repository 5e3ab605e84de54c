//! Throughput of the simulation, beside hls4ml's C simulation if that is at hand.

mod first;
mod models;
mod npy;
mod peer;
mod random_net;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Error;
use crate::rng::Rng;
use crate::simulate::{Runner, runners};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    /// A Python with hls4ml 1.3.0.
    pub peer: Option<PathBuf>,
    /// Only networks whose name contains this.
    pub filter: Option<String>,
    /// How long each figure is measured.
    pub seconds: f64,
}

/// Products that the peer has to compute, at most, in what it predicts at once.
const PEER_PRODUCTS: usize = 1 << 26;

/// Measures and prints a table; whether the peer, if there is one, has predicted the same bits.
///
/// # Errors
/// If the weights cannot be read or the peer cannot be run.
pub fn run(bench: &Bench) -> Result<bool, Error> {
    let models = models::all(&|name| bench.filter.as_ref().is_none_or(|part| name.contains(part)))?;
    let mut ours = Vec::new();
    println!("{:<14} {:<22} {:>16} {:>14}", "network", "how", "inferences/s", "products/s");
    for model in &models {
        let inputs = random_inputs(model.samples, model.columns());
        for runner in runners(&model.network) {
            eprintln!("measuring {} ({})", model.name, runner.name());
            let speed = throughput(&runner, (&inputs, model.samples), bench.seconds);
            let products = speed * model.products() as f64;
            println!("{:<14} {:<22} {speed:>16.0} {products:>14.3e}", model.name, runner.name());
            ours.push((model.name, runner.name().to_owned(), speed));
        }
    }
    for model in &models {
        println!("{}: {}", model.name, model.about);
    }
    let wanted = bench.filter.as_ref().is_none_or(|part| "first".contains(part.as_str()));
    let first_equal = !wanted || first::run(bench.peer.as_deref())?;
    let Some(python) = &bench.peer else {
        println!("bench: {} figures", ours.len());
        return Ok(true);
    };
    let mut all_equal = first_equal;
    let mut ratios = Vec::new();
    for model in &models {
        let Some(name) = model.peer else { continue };
        let samples = (PEER_PRODUCTS / model.products().max(1)).clamp(50, 2000);
        let inputs = random_inputs(samples, model.columns());
        let peer = peer::measure(python, name, model, &inputs, bench.seconds.max(1.0))?;
        let (version, speed) = (format!("hls4ml {}", peer.hls4ml), peer.samples_per_second);
        println!("{:<14} {version:<22} {speed:>16.0}", model.name);
        println!("(hls4ml has taken {:.1} s to compile its C++ first)", peer.compile_seconds);
        // Variants of the same network are compared with the same figure.
        for (variant, how, ours) in ours.iter().filter(|(variant, ..)| variant.starts_with(name)) {
            println!("{variant}, {how}: {:.0} times hls4ml", ours / speed);
        }
        let found = runners(&model.network).first().map(|runner| runner.predict(&inputs)).unwrap_or_default();
        let different = found.iter().zip(&peer.outputs).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
        let equal = different == 0 && found.len() == peer.outputs.len();
        let verdict = if equal { "bit-equal".to_owned() } else { format!("{different} differ") };
        println!("{}: {} outputs {verdict}", model.name, found.len());
        all_equal &= equal;
        let best = ours.iter().filter(|(variant, ..)| *variant == model.name).map(|(.., speed)| *speed);
        ratios.push(format!("{} {:.0} times hls4ml", model.name, best.fold(0.0, f64::max) / speed));
    }
    let verdict = if all_equal { "bit-equal" } else { "outputs differ" };
    let figures = std::iter::once(format!("{} figures", ours.len())).chain(ratios).collect::<Vec<_>>();
    println!("bench: {}, {verdict}", figures.join(", "));
    Ok(all_equal)
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
