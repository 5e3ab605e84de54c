//! One layer of a plan: a kernel, its formats settled, its integers chosen.

use hls4rs_fixed::Wide;
use hls4rs_ir::ops::Rows;
use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::block::{Block, LANES, Line, Row};
use super::dispatch::Isa;
use crate::layers::Int;
use crate::layers::concatenate::Placement;
use crate::layers::elementwise::{Elementwise, LinearKernel, ShortRows};
use crate::layers::merge::MergeKernel;
use crate::layers::softmax::SoftmaxKernel;

mod custom;
pub(crate) mod moves;
pub(crate) mod pool;
mod sums;

pub(crate) use custom::{CustomStep, Tensor};
pub(crate) use sums::{CompressedStep, MatrixStep, Places, SumsStep};
mod garnet;
mod lookup;
mod products;
mod spiking;
mod time_distributed;

pub(crate) use garnet::GarnetStep;
pub(crate) use lookup::EmbeddingStep;
pub(crate) use products::{EinsumDenseStep, EinsumStep, Geometry, LayerNormStep};
pub(crate) use spiking::{NeuronStep, ReadoutStep};
pub(crate) use time_distributed::TimeDistributedStep;

/// Computes a layer's result for a block from its inputs.
pub(crate) trait Step: Send + Sync {
    fn run(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block);
}

/// Memory that steps work in, one for each thread.
#[derive(Default)]
pub(crate) struct Scratch {
    pairs: Vec<Line<i32>>,
    custom: Vec<i64>,
    recurrent: recurrent::Rows,
    /// One step of a time-distributed layer and its result.
    part: Option<Box<[Block; 2]>>,
}

/// The body of a step.
pub(crate) trait Body: Send + Sync {
    /// Whether it is worth compiling for every instruction set, which takes its time: not where values only move, nor
    /// where a layer has a faster body for the usual numbers.
    const VECTORS: bool = true;

    /// The width of the integers that it takes.
    fn bits(&self) -> u32;

    /// In integers of at most 64 bits; compiled once for each instruction set.
    fn narrow(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block);

    /// In integers of any width.
    fn wide(&self, inputs: &[&Block], out: &mut Block);
}

/// A body that computes in the same way in integers of any width.
pub(crate) trait AnyInteger: Send + Sync {
    /// As for [`Body`].
    const VECTORS: bool = false;

    /// The width of the integers that it takes.
    fn bits(&self) -> u32;

    /// Computes in `C`.
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block);
}

impl<B: AnyInteger> Body for B {
    const VECTORS: bool = B::VECTORS;

    fn bits(&self) -> u32 {
        AnyInteger::bits(self)
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        if AnyInteger::bits(self) <= 32 {
            self.with::<i32>(inputs, out);
        } else {
            self.with::<i64>(inputs, out);
        }
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(inputs, out);
    }
}

/// The step with this body.
pub(crate) fn step<B: Body + 'static>(body: B) -> Box<dyn Step> {
    if body.bits() <= 64 { Box::new(Narrow(body)) } else { Box::new(Unbounded(body)) }
}

struct Narrow<B>(B);

struct Unbounded<B>(B);

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx512vnni"))]
fn with_avx512<B: Body>(body: &B, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
    // Never called without these instructions; nothing is compiled a second time for that.
    if target_cfg_f!(target_feature = "avx512f") {
        body.narrow(Isa::Avx512, work, inputs, out);
    } else {
        baseline(body, work, inputs, out);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn with_avx2<B: Body>(body: &B, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
    if target_cfg_f!(target_feature = "avx2") {
        body.narrow(Isa::Avx2, work, inputs, out);
    } else {
        baseline(body, work, inputs, out);
    }
}

#[inline(never)]
fn baseline<B: Body>(body: &B, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
    body.narrow(Isa::Baseline, work, inputs, out);
}

impl<B: Body> Step for Narrow<B> {
    fn run(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        if const { !B::VECTORS } {
            return baseline(&self.0, work, inputs, out);
        }
        match isa {
            Isa::Avx512 => with_avx512(&self.0, work, inputs, out),
            Isa::Avx2 => with_avx2(&self.0, work, inputs, out),
            Isa::Baseline => baseline(&self.0, work, inputs, out),
        }
    }
}

impl<B: Body> Step for Unbounded<B> {
    fn run(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        self.0.wide(inputs, out);
    }
}

mod recurrent;

pub(crate) use recurrent::{Product, Recurrence, RecurrentStep, ShortRecurrentStep};

/// A layer that treats every element for itself.
pub(crate) struct ElementwiseStep<K>(pub(crate) K);

impl<K: Elementwise + Send + Sync> AnyInteger for ElementwiseStep<K> {
    const VECTORS: bool = true;

    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = inputs[0];
        for i in 0..out.len() {
            let mut row: Row<C> = x.load(i);
            self.0.row(i, &mut row);
            out.store(i, &row);
        }
    }
}

/// A layer that treats every element for itself, between tensors of at most 32 bits.
pub(crate) struct ShortStep<K>(pub(crate) K);

impl<K: ShortRows + Send + Sync> Body for ShortStep<K> {
    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        macro_rules! rows {
            ($x:expr, $y:expr) => {
                self.0.rows($x.iter().map(|x| &**x), $y.iter_mut().map(|y| &mut **y))
            };
        }
        match (inputs[0], out) {
            (Block::I16(x), Block::I16(y)) => rows!(x, y),
            (Block::I16(x), Block::I32(y)) => rows!(x, y),
            (Block::I32(x), Block::I16(y)) => rows!(x, y),
            (Block::I32(x), Block::I32(y)) => rows!(x, y),
            _ => unreachable!("chosen for tensors of at most 32 bits"),
        }
    }

    fn wide(&self, _: &[&Block], _: &mut Block) {
        unreachable!("chosen for tensors of at most 32 bits")
    }
}

/// A layer that joins two tensors.
pub(crate) struct MergeStep(pub(crate) MergeKernel);

impl AnyInteger for MergeStep {
    const VECTORS: bool = true;

    fn bits(&self) -> u32 {
        self.0.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let (a, b) = (inputs[0], inputs[1]);
        for i in 0..out.len() {
            let row: Row<C> = self.0.row(a.load(i), b.load(i));
            out.store(i, &row);
        }
    }
}

/// A layer that puts tensors side by side.
pub(crate) struct ConcatenateStep(pub(crate) Vec<(LinearKernel, Placement)>);

impl AnyInteger for ConcatenateStep {
    fn bits(&self) -> u32 {
        self.0.iter().map(|(cast, _)| cast.container_bits()).max().unwrap_or(1)
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        for ((cast, placement), input) in self.0.iter().zip(inputs) {
            for i in 0..input.len() {
                let mut row: Row<C> = input.load(i);
                cast.row(i, &mut row);
                out.store(placement.target(i), &row);
            }
        }
    }
}

/// A softmax over rows along an axis of the tensor.
pub(crate) struct SoftmaxStep<K> {
    pub(crate) kernel: K,
    pub(crate) rows: Rows,
}

impl<K: SoftmaxKernel> SoftmaxStep<K> {
    #[inline(always)]
    fn with<X: Int, C: Int>(&self, input: &Block, out: &mut Block) {
        let Rows { outer, n, inner } = self.rows;
        let mut x = vec![[X::default(); LANES]; n];
        let mut y = vec![[C::default(); LANES]; n];
        for row in 0..outer * inner {
            let start = row / inner * n * inner + row % inner;
            for (i, x) in x.iter_mut().enumerate() {
                *x = input.load(start + i * inner);
            }
            self.kernel.group(&x, &mut y);
            for (i, y) in y.iter().enumerate() {
                out.store(start + i * inner, y);
            }
        }
    }
}

impl<K: SoftmaxKernel + Send + Sync> Body for SoftmaxStep<K> {
    fn bits(&self) -> u32 {
        self.kernel.input_bits().max(self.kernel.container_bits())
    }

    #[inline(always)]
    fn narrow(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        match (self.kernel.input_bits(), self.kernel.container_bits()) {
            (0..=32, 0..=32) => self.with::<i32, i32>(inputs[0], out),
            (0..=32, _) => self.with::<i32, i64>(inputs[0], out),
            _ => self.with::<i64, i64>(inputs[0], out),
        }
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide, Wide>(inputs[0], out);
    }
}
