//! Spiking layers, neuron by neuron: a membrane is a row that stays in registers over all steps.

use super::AnyInteger;
use crate::layers::spiking::{NeuronKernel, ReadoutKernel, Score};
use crate::layers::{Int, Values};
use crate::simulate::block::{Block, LANES, Row};

/// Neurons that integrate and fire.
pub(crate) struct NeuronStep<B, T> {
    pub(crate) kernel: NeuronKernel<B, T>,
    pub(crate) neurons: usize,
}

impl<B: Values + Send + Sync, T: Values + Send + Sync> AnyInteger for NeuronStep<B, T> {
    const VECTORS: bool = true;

    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
        for neuron in 0..self.neurons {
            let mut membrane: Row<C> = [C::default(); LANES];
            for at in (neuron..x.len()).step_by(self.neurons) {
                out.store(at, &self.kernel.step(neuron, &mut membrane, x.load(at)));
            }
        }
    }
}

/// The answer of a window.
pub(crate) struct ReadoutStep<S>(pub(crate) ReadoutKernel<S>);

impl<S: Score + Send + Sync> AnyInteger for ReadoutStep<S> {
    const VECTORS: bool = true;

    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
        let row: Row<C> = self.0.answer(|at| x.load(at));
        out.store(0, &row);
    }
}
