//! Layers that move values, and layers that join values from several places.

use hls4rs_fixed::Wide;

use super::{Body, Scratch, narrow};
use crate::layers::Int;
use crate::layers::elementwise::{Elementwise, LinearKernel};
use crate::layers::merge::MergeKernel;
use crate::layers::view::Sources;
use crate::simulate::block::{Block, LANES, Row};
use crate::simulate::dispatch::Isa;

/// A layer whose result has input elements, cast, in other places, and zeros.
pub(crate) struct MoveStep {
    pub(crate) cast: LinearKernel,
    pub(crate) sources: Sources,
}

impl MoveStep {
    #[inline(always)]
    fn with<C: Int>(&self, x: &Block, out: &mut Block) {
        for i in 0..out.len() {
            let mut row: Row<C> = [C::default(); LANES];
            if let Some(at) = self.sources.of(i) {
                row = x.load(at);
                self.cast.row(i, &mut row);
            }
            out.store(i, &row);
        }
    }
}

impl Body for MoveStep {
    const VECTORS: bool = false;

    fn bits(&self) -> u32 {
        self.cast.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        narrow!(self.bits(), self.with(inputs[0], out));
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs[0], out);
    }
}

/// A layer that joins two tensors of which at least one is spread over the result.
pub(crate) struct BroadcastMergeStep {
    pub(crate) kernel: MergeKernel,
    /// For each input, unless it has the shape of the result.
    pub(crate) sources: [Option<Sources>; 2],
}

impl BroadcastMergeStep {
    #[inline(always)]
    fn with<C: Int>(&self, a: &Block, b: &Block, out: &mut Block) {
        let source = |n: usize, i: usize| self.sources[n].as_ref().map_or(Some(i), |sources| sources.of(i));
        let load =
            |n: usize, x: &Block, i: usize| source(n, i).map_or([C::default(); LANES], |at| x.load::<C>(at));
        for i in 0..out.len() {
            let row: Row<C> = self.kernel.row(load(0, a, i), load(1, b, i));
            out.store(i, &row);
        }
    }
}

impl Body for BroadcastMergeStep {
    const VECTORS: bool = false;

    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        narrow!(self.bits(), self.with(inputs[0], inputs[1], out));
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs[0], inputs[1], out);
    }
}
