//! Layers that move values, and layers that join values from several places.

use super::AnyInteger;
use crate::layers::Int;
use crate::layers::elementwise::{Elementwise, LinearKernel};
use crate::layers::merge::MergeKernel;
use crate::layers::view::Sources;
use crate::simulate::block::{Block, LANES, Row};

/// A layer whose result has input elements, cast, in other places, and zeros.
pub(crate) struct MoveStep {
    pub(crate) cast: LinearKernel,
    pub(crate) sources: Sources,
}

impl AnyInteger for MoveStep {
    fn bits(&self) -> u32 {
        self.cast.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
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

/// A layer that joins two tensors of which at least one is spread over the result.
pub(crate) struct BroadcastMergeStep {
    pub(crate) kernel: MergeKernel,
    /// For each input, unless it has the shape of the result.
    pub(crate) sources: [Option<Sources>; 2],
}

impl AnyInteger for BroadcastMergeStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let (a, b) = (inputs[0], inputs[1]);
        let source = |n: usize, i: usize| self.sources[n].as_ref().map_or(Some(i), |sources| sources.of(i));
        let load =
            |n: usize, x: &Block, i: usize| source(n, i).map_or([C::default(); LANES], |at| x.load::<C>(at));
        for i in 0..out.len() {
            let row: Row<C> = self.kernel.row(load(0, a, i), load(1, b, i));
            out.store(i, &row);
        }
    }
}
