//! The jet tagger of JINST 13 P07027: its layers as they were proved, and a few typed inferences.
//!
//! `cargo run --release --example jet_tagger`

use hls4rs::prelude::*;
use hls4rs_examples::jet_tagger::JetTagger;

fn main() {
    println!("{:<6} {:<26} {:<18} weights", "layer", "result", "accumulator");
    for (_, node, facts) in JetTagger::resolved().iter() {
        let slot = |slot| facts.formats.get(slot).map(ToString::to_string).unwrap_or_default();
        println!(
            "{:<6} {:<26} {:<18} {}",
            node.name,
            facts.result().to_string(),
            slot(hls4rs::ir::Slot::Accum),
            slot(hls4rs::ir::Slot::Weight),
        );
    }

    let net = JetTagger::new();
    println!("\n{:>8} {:>8} {:>8} {:>8} {:>8}", "gluon", "quark", "W", "Z", "top");
    for jet in 0..3 {
        let features: [Fixed<16, 6>; 16] =
            std::array::from_fn(|i| Fixed::from_num(f64::from((jet * 7 + i as i32 * 5) % 11 - 5) / 2.0));
        let probs = net.predict(&features);
        println!("{}", probs.map(|p| format!("{:>8.5}", p.to_num::<f64>())).join(" "));
    }
}
