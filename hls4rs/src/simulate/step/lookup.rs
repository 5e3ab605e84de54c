//! Bodies of layers that look vectors up.

use hls4rs_fixed::Wide;

use super::{Body, Scratch};
use crate::layers::embedding::EmbeddingKernel;
use crate::layers::{Int, Values};
use crate::simulate::block::{Block, Row};
use crate::simulate::dispatch::Isa;

/// A layer that replaces numbers by vectors.
pub(crate) struct EmbeddingStep<V>(pub(crate) EmbeddingKernel<V>);

impl<V: Values> EmbeddingStep<V> {
    #[inline(always)]
    fn with<C: Int>(&self, x: &Block, out: &mut Block) {
        let units = self.0.units();
        for j in 0..x.len() {
            let row: Row<C> = x.load(j);
            for i in 0..units {
                out.store(j * units + i, &self.0.row(&row, i));
            }
        }
    }
}

impl<V: Values + Send + Sync> Body for EmbeddingStep<V> {
    const VECTORS: bool = false;

    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        if self.bits() <= 32 { self.with::<i32>(inputs[0], out) } else { self.with::<i64>(inputs[0], out) }
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs[0], out);
    }
}
