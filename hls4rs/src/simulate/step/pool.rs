//! Pooling and scalar products.

use super::{AnyInteger, Body, Scratch};
use crate::layers::Int;
use crate::layers::dot::DotKernel;
use crate::layers::elementwise::{LinearKernel, ShortRows};
use crate::layers::pool::{PoolKernel, Windows};
use crate::layers::rows::Short;
use crate::simulate::block::{Block, Line, Row};
use crate::simulate::dispatch::Isa;

/// Pooling with any integers.
pub(crate) struct PoolStep<K> {
    pub(crate) kernel: K,
}

impl<K: PoolKernel + Send + Sync> AnyInteger for PoolStep<K> {
    const VECTORS: bool = true;

    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
        for i in 0..out.len() {
            let row: Row<C> = self.kernel.element(i, |at| x.load(at));
            out.store(i, &row);
        }
    }
}

/// The largest value under windows of short tensors, in the integers that they are stored in; cast afterwards.
pub(crate) struct ShortMaxStep {
    pub(crate) windows: Windows,
    pub(crate) cast: LinearKernel,
}

impl ShortMaxStep {
    #[inline(always)]
    fn with<X: Short + Ord, Y: Short>(&self, x: &[Line<X>], y: &mut [Line<Y>]) {
        let Windows { window, channels } = self.windows;
        for (output, y) in y.chunks_mut(channels).enumerate() {
            for (channel, y) in y.iter_mut().enumerate() {
                let mut under = (0..window.taps()).filter_map(|tap| window.position(output, tap));
                let first = under.next().unwrap_or(0);
                let mut largest = x[first * channels + channel];
                for position in under {
                    let next = &x[position * channels + channel];
                    for (largest, next) in largest.0.iter_mut().zip(&next.0) {
                        *largest = (*largest).max(*next);
                    }
                }
                self.cast.rows(std::iter::once(&*largest), std::iter::once(&mut **y));
            }
        }
    }
}

impl Body for ShortMaxStep {
    fn bits(&self) -> u32 {
        32
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        match (inputs[0], out) {
            (Block::I16(x), Block::I16(y)) => self.with(x, y),
            (Block::I16(x), Block::I32(y)) => self.with(x, y),
            (Block::I32(x), Block::I16(y)) => self.with(x, y),
            (Block::I32(x), Block::I32(y)) => self.with(x, y),
            _ => unreachable!("chosen for tensors of at most 32 bits"),
        }
    }

    fn wide(&self, _: &[&Block], _: &mut Block) {
        unreachable!("chosen for tensors of at most 32 bits")
    }
}

/// A scalar product.
pub(crate) struct DotStep {
    pub(crate) kernel: DotKernel,
}

impl AnyInteger for DotStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let (a, b) = (inputs[0], inputs[1]);
        let row: Row<C> = self.kernel.result((0..a.len()).map(|i| (a.load(i), b.load(i))));
        out.store(0, &row);
    }
}
