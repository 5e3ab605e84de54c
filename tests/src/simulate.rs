//! The engine, as comparisons use it.

use hls4rs_fixed::{from_f64, to_f64, Wide};
use hls4rs_ir::Resolved;
use rayon::prelude::*;

use crate::random::Raw;

/// A network that is ready to run.
pub struct Simulation {
    network: Resolved,
}

impl Simulation {
    /// Prepares a network.
    pub fn new(network: &Resolved) -> Self {
        Self { network: network.clone() }
    }

    /// The outputs for real inputs, each of them row major with the sample as the first axis.
    pub fn values(&self, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let ins: Vec<_> = self.network.graph().inputs().map(|(id, n)| (self.network.facts(id).result(), n.shape.elements())).collect();
        let n = inputs[0].len() / ins[0].1;
        let samples: Vec<Vec<Raw>> = (0..n).map(|s| ins.iter().zip(inputs).map(|((f, e), x)| x[s*e..][..*e].iter().map(|&v| from_f64(v, *f).to_i128().unwrap()).collect()).collect()).collect();
        let out = self.raw(&samples);
        self.network.graph().outputs().iter().enumerate().map(|(o, &id)| {
            let f = self.network.facts(id).result();
            out.iter().flat_map(|s| s[o].iter().map(|&r| to_f64(Wide::from_i128(r), f.frac_bits()))).collect()
        }).collect()
    }

    /// The raw outputs of every sample for raw inputs.
    pub fn raw(&self, samples: &[Vec<Raw>]) -> Vec<Vec<Raw>> {
        samples.par_iter().map(|s| crate::oracle::outputs(&self.network, s)).collect()
    }
}

/// One way to run a network.
pub struct Runner {
    simulation: Simulation,
}

/// Every way.
pub fn runners(network: &Resolved) -> Vec<Runner> {
    vec![Runner { simulation: Simulation::new(network) }]
}

impl Runner {
    /// Its name.
    pub fn name(&self) -> &str {
        "oracle"
    }

    /// Outputs.
    pub fn predict(&self, inputs: &[f32]) -> Vec<f32> {
        let inputs: Vec<f64> = inputs.iter().map(|&v| f64::from(v)).collect();
        self.simulation.values(&[inputs])[0].iter().map(|&v| v as f32).collect()
    }
}
