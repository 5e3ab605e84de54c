//! The engine, as comparisons use it.

use hls4rs::fixed::Wide;
use hls4rs::simulate::{Dispatch, Engine, Real};
use hls4rs_ir::Resolved;

use crate::random::Raw;

/// A network that is ready to run.
pub struct Simulation(Engine);

impl Simulation {
    /// Prepares a network.
    pub fn new(network: &Resolved) -> Self {
        Self(Engine::new(network))
    }

    /// The outputs for real inputs, each of them row major with the sample as the first axis.
    ///
    /// # Panics
    /// If the inputs are not whole samples of the network's inputs.
    pub fn values<T: Real>(&self, inputs: &[Vec<T>]) -> Vec<Vec<T>> {
        let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
        self.0.run(&inputs).expect("samples of the network's inputs")
    }

    /// The raw outputs of every sample for raw inputs.
    ///
    /// # Panics
    /// If a sample does not have the shape and the formats of the network's inputs, or an output is wider than 128
    /// bits.
    pub fn raw(&self, samples: &[Vec<Raw>]) -> Vec<Vec<Raw>> {
        let graph = self.0.network().graph();
        let flat: Vec<Vec<Wide>> = (0..graph.inputs().count())
            .map(|n| samples.iter().flat_map(|sample| &sample[n]).map(|&raw| Wide::from_i128(raw)).collect())
            .collect();
        let inputs: Vec<&[Wide]> = flat.iter().map(Vec::as_slice).collect();
        let outputs = self.0.run_raw(&inputs).expect("samples within the formats of the inputs");
        let sizes: Vec<_> = graph.outputs().iter().map(|&id| graph.node(id).shape.elements()).collect();
        let narrow = |raw: &Wide| raw.to_i128().expect("an output of at most 128 bits");
        let sample = |n: usize| {
            let tensors = outputs.iter().zip(&sizes);
            tensors.map(|(all, size)| all[n * size..][..*size].iter().map(narrow).collect()).collect()
        };
        (0..samples.len()).map(sample).collect()
    }
}

/// One way to run a network, with its name.
pub struct Runner {
    engine: Engine,
    name: String,
}

/// Every way there is on this machine: one thread with each set of instructions, the best first, then all cores.
pub fn runners(network: &Resolved) -> Vec<Runner> {
    let mut all: Vec<Runner> = Vec::new();
    for dispatch in [Dispatch::Auto, Dispatch::Avx2, Dispatch::Baseline] {
        let engine = Engine::new(network).with_dispatch(dispatch).with_threads(1);
        let name = format!("1 thread, {}", engine.dispatch_name());
        if all.iter().all(|runner| runner.name != name) {
            all.push(Runner { engine, name });
        }
    }
    let engine = Engine::new(network).with_dispatch(Dispatch::Auto);
    let name = format!("{} threads, {}", rayon::current_num_threads(), engine.dispatch_name());
    all.push(Runner { engine, name });
    all
}

impl Runner {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first output for the network's only input.
    ///
    /// # Panics
    /// If the network has several inputs, or the values are not whole samples.
    pub fn predict(&self, inputs: &[f32]) -> Vec<f32> {
        let mut outputs = self.engine.run(&[inputs]).expect("samples of the network's input");
        outputs.swap_remove(0)
    }
}
