//! One layer of a plan: a kernel, its formats settled, its integers chosen.

use multiversion::multiversion;

use super::block::{Block, LANES, Row};
use super::dispatch::Isa;
use crate::layers::concatenate::Placement;
use crate::layers::dense::{DenseKernel, Summation, Widen};
use crate::layers::elementwise::{Elementwise, LinearKernel};
use crate::layers::merge::MergeKernel;
use crate::layers::softmax::SoftmaxKernel;
use crate::layers::{Int, with_container};

/// Computes a layer's result for a block from its inputs.
pub(crate) trait Step: Send + Sync {
    fn run(&self, isa: Isa, inputs: &[&Block], out: &mut Block);
}

/// The body of a step, compiled once for each instruction set.
trait Body: Send + Sync {
    fn body(&self, isa: Isa, inputs: &[&Block], out: &mut Block);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl"))]
fn with_avx512<B: Body>(step: &B, inputs: &[&Block], out: &mut Block) {
    step.body(Isa::Avx512, inputs, out);
}

#[multiversion(targets("x86_64+avx2"))]
fn with_avx2<B: Body>(step: &B, inputs: &[&Block], out: &mut Block) {
    step.body(Isa::Avx2, inputs, out);
}

impl<B: Body> Step for B {
    fn run(&self, isa: Isa, inputs: &[&Block], out: &mut Block) {
        match isa {
            Isa::Avx512 => with_avx512(self, inputs, out),
            Isa::Avx2 => with_avx2(self, inputs, out),
            Isa::Baseline => self.body(isa, inputs, out),
        }
    }
}

/// A layer that treats every element for itself.
pub(crate) struct ElementwiseStep<K>(pub(crate) K);

impl<K: Elementwise + Send + Sync> Body for ElementwiseStep<K> {
    #[inline(always)]
    fn body(&self, _: Isa, inputs: &[&Block], out: &mut Block) {
        with_container!(self.0.container_bits(), C => {
            for i in 0..out.len() {
                let mut row: Row<C> = inputs[0].load(i);
                self.0.row(i, &mut row);
                out.store(i, &row);
            }
        });
    }
}

/// A layer that joins two tensors.
pub(crate) struct MergeStep(pub(crate) MergeKernel);

impl Body for MergeStep {
    #[inline(always)]
    fn body(&self, _: Isa, inputs: &[&Block], out: &mut Block) {
        with_container!(self.0.container_bits(), C => {
            for i in 0..out.len() {
                let row: Row<C> = self.0.row(inputs[0].load(i), inputs[1].load(i));
                out.store(i, &row);
            }
        });
    }
}

/// A layer that puts tensors side by side.
pub(crate) struct ConcatenateStep(pub(crate) Vec<(LinearKernel, Placement)>);

impl Body for ConcatenateStep {
    #[inline(always)]
    fn body(&self, _: Isa, inputs: &[&Block], out: &mut Block) {
        for ((cast, placement), input) in self.0.iter().zip(inputs) {
            with_container!(cast.container_bits(), C => {
                for i in 0..input.len() {
                    let mut row: Row<C> = input.load(i);
                    cast.row(i, &mut row);
                    out.store(placement.target(i), &row);
                }
            });
        }
    }
}

/// A softmax over rows of the tensor.
pub(crate) struct SoftmaxStep<K> {
    pub(crate) kernel: K,
    pub(crate) row: usize,
}

impl<K: SoftmaxKernel + Send + Sync> Body for SoftmaxStep<K> {
    #[inline(always)]
    fn body(&self, _: Isa, inputs: &[&Block], out: &mut Block) {
        with_container!(self.kernel.container_bits(), C => {
            let mut y = vec![[C::default(); LANES]; self.row];
            for start in (0..out.len()).step_by(self.row) {
                let x: Vec<Row<C>> = (start..start + self.row).map(|i| inputs[0].load(i)).collect();
                self.kernel.group(&x, &mut y);
                for (i, row) in y.iter().enumerate() {
                    out.store(start + i, row);
                }
            }
        });
    }
}

/// A fully connected layer whose weights are held in the integers of the sum.
pub(crate) struct DenseStep<C> {
    pub(crate) kernel: DenseKernel,
    pub(crate) weight: Vec<C>,
    pub(crate) bias: Vec<i64>,
}

impl<C: Int> Body for DenseStep<C> {
    #[inline(always)]
    fn body(&self, isa: Isa, inputs: &[&Block], out: &mut Block) {
        let x: Vec<Row<C>> = (0..inputs[0].len()).map(|i| inputs[0].load(i)).collect();
        tiled::<C, C, [C]>(&self.kernel, isa, &x, &self.weight, &self.bias, out);
    }
}

/// A fully connected layer of 16-bit inputs and weights with 32-bit sums.
pub(crate) struct ShortDenseStep {
    pub(crate) kernel: DenseKernel,
    pub(crate) weight: Vec<i16>,
    pub(crate) bias: Vec<i64>,
}

impl Body for ShortDenseStep {
    #[inline(always)]
    fn body(&self, isa: Isa, inputs: &[&Block], out: &mut Block) {
        let Block::I16(x) = inputs[0] else { unreachable!("chosen for 16-bit inputs") };
        if isa == Isa::Avx2 && self.kernel.summation == Summation::Exact {
            return self.paired(x, out);
        }
        tiled::<i16, i32, [i16]>(&self.kernel, isa, x, &self.weight, &self.bias, out);
    }
}

/// The tile sizes were measured: with AVX-512 four outputs of a whole row fill the registers, without it one output
/// of half a row does.
#[inline(always)]
fn tiled<X: Widen<C>, C: Int, W: crate::layers::dense::Weights<C> + ?Sized>(
    kernel: &DenseKernel,
    isa: Isa,
    x: &[Row<X>],
    weight: &W,
    bias: &[i64],
    out: &mut Block,
) {
    let mut y = vec![[C::default(); LANES]; out.len()];
    match isa {
        Isa::Avx512 => kernel.run::<X, C, W, LANES, 4, LANES>(x, weight, bias, &mut y),
        _ => kernel.run::<X, C, W, LANES, 1, 32>(x, weight, bias, &mut y),
    }
    for (j, row) in y.iter().enumerate() {
        out.store(j, row);
    }
}

impl ShortDenseStep {
    /// Sums with two products at a time: inputs interleaved in pairs for the multiply-add of 16-bit integers.
    #[inline(always)]
    fn paired(&self, x: &[Row<i16>], out: &mut Block) {
        const TILE: usize = 4;
        let zero = [0; LANES];
        let pairs: Vec<[i16; 2 * LANES]> = x
            .chunks(2)
            .map(|pair| {
                let (a, b) = (&pair[0], pair.get(1).unwrap_or(&zero));
                std::array::from_fn(|l| if l % 2 == 0 { a[l / 2] } else { b[l / 2] })
            })
            .collect();
        let n_out = self.kernel.n_out;
        let weight = |i: usize, j: usize| self.weight.get(i * n_out + j).copied().unwrap_or(0);
        for start in (0..n_out).step_by(TILE) {
            let mut acc = [[0i32; LANES]; TILE];
            for (i, pair) in pairs.iter().enumerate() {
                for (j, acc) in acc.iter_mut().enumerate() {
                    let j = (start + j).min(n_out - 1);
                    let (w0, w1) = (weight(2 * i, j), weight(2 * i + 1, j));
                    for l in 0..LANES {
                        let products = (i32::from(pair[2 * l]) * i32::from(w0))
                            .wrapping_add(i32::from(pair[2 * l + 1]) * i32::from(w1));
                        acc[l] = acc[l].wrapping_add(products);
                    }
                }
            }
            for (j, acc) in acc.iter_mut().enumerate().take(n_out - start) {
                self.kernel.finish(acc, self.kernel.bias(self.bias[start + j]));
                out.store(start + j, acc);
            }
        }
    }
}
