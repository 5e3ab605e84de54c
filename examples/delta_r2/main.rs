//! A layer of one's own in a network: typed, in batches, and as C++ that is compared bit for bit.
//!
//! `cargo run --release --example delta_r2`

use std::error::Error;

use hls4rs::ir::Graph;
use hls4rs::prelude::*;
use hls4rs_examples::csim;
use hls4rs_examples::delta_r2::{Crowd, layer};
use ndarray::Array3;

fn main() -> Result<(), Box<dyn Error>> {
    let net = Crowd::new();
    let number = Fixed::<12, 3>::from_num::<f64>;
    // Three particles close together across the seam of φ, three far away.
    let particles = [[0.0, 0.95], [0.1, -0.95], [-0.1, 1.0], [1.5, 0.0], [-1.5, 0.5], [-1.5, -0.5]];
    let typed =
        net.predict(&particles.concat().try_into().map(|x: [f64; 12]| x.map(number)).expect("twelve"));
    println!("{:>6} {:>6} {:>8}", "eta", "phi", "crowd");
    for ([eta, phi], crowd) in particles.iter().zip(typed) {
        println!("{eta:>6} {phi:>6} {:>8.4}", crowd.to_num::<f64>());
    }

    // The same from a batch, and from the graph after a journey through a file.
    let batch = Array3::from_shape_fn((1000, 6, 2), |(n, i, j)| {
        ((n * 31 + i * 17 + j * 7) % 97) as f64 / 24.5 - 1.98
    });
    let crowd = net.predict_batch(batch.view());
    let saved = Graph::from_json_with(&Crowd::graph().to_json(), &mut layer::definition)?;
    let again = Engine::new(&saved.resolve()?).predict(&[batch.view().into_dyn()])?;
    if again[0] != crowd.into_dyn() {
        return Err("the saved network differs".into());
    }
    println!("\n{} samples: the saved network gives the same bits", batch.len_of(ndarray::Axis(0)));

    let folder = csim::target_folder().join("hls/crowd");
    let project = Crowd::project(Backend::Vitis).part("xcvu13p-flga2577-2-e").clock_ns(5.0);
    project.samples(&[batch.as_slice().ok_or("samples lie in a row")?])?.write(&folder)?;
    println!("Vitis HLS project: {}", csim::shown(&folder));
    match csim::headers() {
        Ok(headers) => println!("  its C++, compiled: {}", csim::run(&folder, &headers)?),
        Err(e) => println!("The C++ is not compiled: {e}"),
    }
    Ok(())
}
