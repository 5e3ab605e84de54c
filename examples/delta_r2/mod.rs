//! How crowded it is around each of six particles: a network with a layer of its own.

use hls4rs::prelude::*;

pub mod layer;

use layer::DeltaR2;

network! {
    /// For each of six particles, how many others are near: `Σ relu(1 - 4 ΔR²)`, itself counted.
    pub struct Crowd;

    // η and φ in half turns.
    input particles: [6, 2] as Fixed<12, 3> in -2.0..2.0;

    let dr2 = DeltaR2(particles) { angle: 1 } -> [6, 6] as UFixed<14, 5, Rnd, Sat>;
    let nearness = batch_norm(dr2) { scale: [-4.0; 6], bias: [1.0; 6] };
    let near = relu(nearness) as UFixed<10, 1>;

    output crowd = dense(near, 1) { weight: [[1.0]; 6] };
}
