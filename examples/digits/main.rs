//! The main job, on real images: two firmwares for handwritten digits, measured, written as C++ projects and proved
//! equal to their simulation on every test image.
//!
//! `cargo run --release --example digits`

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use hls4rs::ir::{Resolved, Tensor, weights::read_npz};
use hls4rs::prelude::*;
use hls4rs::simulate::Trace;
use hls4rs_examples::csim;
use hls4rs_examples::digits::{DigitsFloat, DigitsQuant};
use ndarray::{Array2, ArrayView2};

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let test = read_npz(&std::fs::read(here.join("digits/digits_test.npz"))?)?;
    let images = array(&test, "images")?;
    let labels: Vec<usize> = array(&test, "labels")?.iter().map(|&v| v as usize).collect();
    let float = array(&test, "float_logits")?;

    let (exact, quant) = (DigitsFloat::new(), DigitsQuant::new());
    let (exact_logits, _) = exact.predict_batch(images.view());
    let (quant_logits, _) = quant.predict_batch(images.view());

    println!("{} test images of handwritten digits, 8x8 pixels\n", labels.len());
    println!("{:<34} {:>9} {:>16}", "", "accuracy", "inferences/s");
    let row = |name: &str, logits: ArrayView2<f64>, speed: Option<f64>| {
        let speed = speed.map(|s| format!("{s:.0}")).unwrap_or_default();
        println!("{name:<34} {:>8.1}% {speed:>16}", 100.0 * accuracy(logits, &labels));
    };
    row("float model", float.view(), None);
    row(
        "firmware, 20 bits (DigitsFloat)",
        exact_logits.view(),
        Some(throughput(DigitsFloat::engine(), &images)),
    );
    row(
        "firmware, 8 bits (DigitsQuant)",
        quant_logits.view(),
        Some(throughput(DigitsQuant::engine(), &images)),
    );

    if quant_logits != array(&test, "quant_logits")? {
        return Err("the 8-bit firmware differs from the network that was trained".into());
    }
    println!("\nAll logits of the 8-bit firmware equal those of the training script, bit for bit.");

    ranges("DigitsFloat", DigitsFloat::resolved(), &exact.trace(images.view()));
    ranges("DigitsQuant", DigitsQuant::resolved(), &quant.trace(images.view()));

    let pixels: Vec<f64> = images.iter().copied().collect();
    let target = csim::target_folder();
    println!();
    let headers = match csim::headers() {
        Ok(headers) => Some(headers),
        Err(e) => {
            println!("The C++ is not compiled: {e}");
            None
        }
    };
    for (name, project) in [
        ("digits_float", DigitsFloat::project(Backend::Vitis)),
        ("digits_quant", DigitsQuant::project(Backend::Vitis)),
    ] {
        let folder = target.join("hls").join(name);
        let project = project.part("xcvu13p-flga2577-2-e").clock_ns(5.0).samples(&[&pixels])?;
        let report = project.write(&folder)?;
        println!("Vitis HLS project: {} ({} files)", csim::shown(&folder), report.files);
        if let Some(headers) = &headers {
            println!("  its C++, compiled: {}", csim::run(&folder, headers)?);
        }
    }
    Ok(())
}

/// An array of the test file as a matrix, one row per image.
fn array(file: &BTreeMap<String, Tensor>, name: &str) -> Result<Array2<f64>, Box<dyn Error>> {
    let tensor = file.get(name).ok_or_else(|| format!("digits_test.npz has no array `{name}`"))?;
    let rows = tensor.shape()[0];
    Ok(Array2::from_shape_vec((rows, tensor.values().len() / rows), tensor.values().to_vec())?)
}

fn accuracy(logits: ArrayView2<f64>, labels: &[usize]) -> f64 {
    let best = |row: ndarray::ArrayView1<f64>| {
        (0..row.len()).reduce(|a, b| if row[b] > row[a] { b } else { a }).unwrap_or_default()
    };
    let right = logits.rows().into_iter().zip(labels).filter(|(row, label)| best(*row) == **label).count();
    right as f64 / labels.len() as f64
}

fn throughput(engine: &Engine, images: &Array2<f64>) -> f64 {
    const COPIES: usize = 100;
    let batch: Vec<f32> = (0..COPIES).flat_map(|_| images.iter().map(|&v| v as f32)).collect();
    let samples = (COPIES * images.nrows()) as f64;
    let once = || {
        let start = Instant::now();
        engine.run(&[&batch]).map(|outputs| (outputs.len(), start.elapsed().as_secs_f64()))
    };
    // The first call warms up.
    (0..4).filter_map(|_| once().ok()).map(|(_, seconds)| samples / seconds).fold(0.0, f64::max)
}

/// What is proved of every layer, beside what the images have shown.
fn ranges(name: &str, network: &Resolved, trace: &Trace) {
    println!("\n{name}\n{:<8} {:<22} {:>24} {:>24}", "layer", "result", "proved range", "on the test images");
    for (_, node, facts) in network.iter() {
        let hull = facts.range.hull();
        let real = |raw| hls4rs::fixed::to_f64(raw, facts.range.frac_bits);
        let seen = trace.layer(&node.name).map(|layer| layer.observed()).unwrap_or_default();
        let interval = |(lo, hi): (f64, f64)| format!("{lo:.4} .. {hi:.4}");
        let proved = interval((real(hull.lo), real(hull.hi)));
        println!("{:<8} {:<22} {proved:>24} {:>24}", node.name, facts.result().to_string(), interval(seen));
    }
}
