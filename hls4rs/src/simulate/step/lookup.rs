//! Bodies of layers that look vectors up.

use super::AnyInteger;
use crate::layers::embedding::EmbeddingKernel;
use crate::layers::{Int, Values};
use crate::simulate::block::{Block, Row};

/// A layer that replaces numbers by vectors.
pub(crate) struct EmbeddingStep<V>(pub(crate) EmbeddingKernel<V>);

impl<V: Values + Send + Sync> AnyInteger for EmbeddingStep<V> {
    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
        let units = self.0.units();
        for j in 0..x.len() {
            let row: Row<C> = x.load(j);
            for i in 0..units {
                out.store(j * units + i, &self.0.row(&row, i));
            }
        }
    }
}
