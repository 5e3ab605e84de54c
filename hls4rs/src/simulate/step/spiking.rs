//! Spiking layers, neuron by neuron: a membrane is a row that stays in registers over all steps.

use hls4rs_fixed::Wide;

use super::{Body, Scratch, narrow};
use crate::layers::spiking::{NeuronKernel, ReadoutKernel, Score};
use crate::layers::{Int, Values};
use crate::simulate::block::{Block, LANES, Row};
use crate::simulate::dispatch::Isa;

/// Neurons that integrate and fire.
pub(crate) struct NeuronStep<B, T> {
    pub(crate) kernel: NeuronKernel<B, T>,
    pub(crate) neurons: usize,
}

impl<B: Values, T: Values> NeuronStep<B, T> {
    #[inline(always)]
    fn with<C: Int>(&self, x: &Block, out: &mut Block) {
        for neuron in 0..self.neurons {
            let mut membrane: Row<C> = [C::default(); LANES];
            for at in (neuron..x.len()).step_by(self.neurons) {
                out.store(at, &self.kernel.step(neuron, &mut membrane, x.load(at)));
            }
        }
    }
}

impl<B: Values + Send + Sync, T: Values + Send + Sync> Body for NeuronStep<B, T> {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        narrow!(self.bits(), self.with(inputs[0], out));
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs[0], out);
    }
}

/// The answer of a window.
pub(crate) struct ReadoutStep<S>(pub(crate) ReadoutKernel<S>);

impl<S: Score> ReadoutStep<S> {
    #[inline(always)]
    fn with<C: Int>(&self, x: &Block, out: &mut Block) {
        let row: Row<C> = self.0.answer(|at| x.load(at));
        out.store(0, &row);
    }
}

impl<S: Score + Send + Sync> Body for ReadoutStep<S> {
    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        narrow!(self.bits(), self.with(inputs[0], out));
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs[0], out);
    }
}
