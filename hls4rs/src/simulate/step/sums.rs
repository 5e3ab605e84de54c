//! Sums of products, at one or many positions.

use hls4rs_fixed::Wide;

use super::super::block::{Block, LANES, Row};
use super::super::dispatch::Isa;
#[cfg(target_arch = "x86_64")]
use super::super::lanes::{Avx2, Avx512, Sse2};
use super::super::lanes::{Lanes, Portable};
use super::super::matrix::{Matrix, NOWHERE};
use super::{AnyInteger, Body, Scratch};
use crate::layers::Int;
use crate::layers::sums::{CompressedKernel, Finish, Inputs, SumsKernel};

/// What every output position reads: the input positions under the taps of its window, or [`NOWHERE`].
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) taps: usize,
    /// `[positions, taps]`.
    pub(crate) at: Vec<u32>,
}

impl Places {
    /// The same counted in so many elements for each position.
    pub(crate) fn times(mut self, elements: usize) -> Self {
        for place in self.at.iter_mut().filter(|place| **place != NOWHERE) {
            *place *= elements as u32;
        }
        self
    }
}

/// Sums of products with any integers.
pub(crate) struct SumsStep {
    pub(crate) kernel: SumsKernel,
    /// `[taps, channels / groups, n_out]`.
    pub(crate) weight: Vec<i64>,
    pub(crate) bias: Vec<i64>,
    pub(crate) channels: usize,
    pub(crate) groups: usize,
    /// In elements of the input.
    pub(crate) places: Places,
}

/// The inputs of one group at one position.
struct Gathered<'a, C> {
    x: &'a [Row<C>],
    places: &'a [u32],
    /// Channels of the group.
    share: usize,
    first: usize,
}

impl<C: Int> Inputs<C, LANES> for Gathered<'_, C> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.places.len() * self.share
    }

    #[inline(always)]
    fn at(&self, i: usize) -> Option<&Row<C>> {
        match self.places[i / self.share] {
            NOWHERE => None,
            place => Some(&self.x[place as usize + self.first + i % self.share]),
        }
    }
}

impl SumsStep {
    /// The tile sizes were measured: with AVX-512 four outputs of a whole row fill the registers, without it one output
    /// of half a row does.
    #[inline(always)]
    fn with<C: Int>(&self, isa: Isa, input: &Block, out: &mut Block) {
        let x: Vec<Row<C>> = (0..input.len()).map(|i| input.load(i)).collect();
        let (share, filters) = (self.channels / self.groups, self.kernel.n_out / self.groups);
        let mut y = vec![[C::default(); LANES]; filters];
        let (weight, bias) = (&self.weight[..], &self.bias[..]);
        let mut at = 0;
        for places in self.places.at.chunks_exact(self.places.taps) {
            for group in 0..self.groups {
                let inputs = Gathered { x: &x, places, share, first: group * share };
                let first = group * filters;
                match isa {
                    Isa::Avx512 => {
                        self.kernel.run::<C, C, _, LANES, 4, LANES>(&inputs, weight, bias, first, &mut y);
                    }
                    _ => self.kernel.run::<C, C, _, LANES, 1, 32>(&inputs, weight, bias, first, &mut y),
                }
                for row in &y {
                    out.store(at, row);
                    at += 1;
                }
            }
        }
    }
}

impl Body for SumsStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn narrow(&self, isa: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        if self.bits() <= 32 {
            self.with::<i32>(isa, inputs[0], out);
        } else {
            self.with::<i64>(isa, inputs[0], out);
        }
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with::<Wide>(Isa::Baseline, inputs[0], out);
    }
}

/// Sums of products in the order of a list of weights, at every position.
pub(crate) struct CompressedStep {
    pub(crate) kernel: CompressedKernel,
    /// `[n_in, n_out]`.
    pub(crate) weight: Vec<i64>,
    pub(crate) bias: Vec<i64>,
    /// Places in `weight`.
    pub(crate) used: Vec<i64>,
}

impl AnyInteger for CompressedStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x: Vec<Row<C>> = (0..inputs[0].len()).map(|i| inputs[0].load(i)).collect();
        let n_out = self.bias.len();
        let mut y = vec![[C::default(); LANES]; n_out];
        for (position, x) in x.chunks_exact(self.weight.len() / n_out).enumerate() {
            self.kernel.run(x, &self.weight[..], &self.bias[..], &self.used[..], &mut y);
            for (j, row) in y.iter().enumerate() {
                out.store(position * n_out + j, row);
            }
        }
    }
}

/// Sums of products of 16-bit inputs with 32-bit sums.
pub(crate) struct MatrixStep {
    pub(crate) matrix: Matrix,
    pub(crate) finish: Finish,
    /// In units of the accumulator.
    pub(crate) bias: Vec<i32>,
    /// In pairs of channels.
    pub(crate) places: Places,
}

impl MatrixStep {
    #[inline(always)]
    fn with<V: Lanes>(&self, lanes: V, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        let Block::I16(x) = inputs[0] else { unreachable!("chosen for 16-bit inputs") };
        self.matrix.interleave(x, &mut work.pairs);
        let mut sums = Matrix::TILE_OF_ZEROS;
        for (position, places) in self.places.at.chunks_exact(self.places.taps).enumerate() {
            let first = position * self.bias.len();
            for tile in 0..self.matrix.tiles() {
                self.matrix.sums(lanes, tile, &work.pairs, places, &mut sums);
                let outputs = self.matrix.outputs(tile);
                let (results, bias) = (sums.iter().map(|sums| &**sums), &self.bias[outputs.clone()]);
                let at = first + outputs.start..first + outputs.end;
                match out {
                    Block::I16(y) => self.finish.rows(results, bias, y[at].iter_mut().map(|y| &mut **y)),
                    Block::I32(y) => self.finish.rows(results, bias, y[at].iter_mut().map(|y| &mut **y)),
                    Block::I64(_) | Block::Wide(_) => {
                        for (at, (bias, sums)) in at.zip(bias.iter().zip(&sums)) {
                            out.store(at, &self.finish.row(sums, *bias));
                        }
                    }
                }
            }
        }
    }
}

impl Body for MatrixStep {
    fn bits(&self) -> u32 {
        32
    }

    #[inline(always)]
    fn narrow(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        #[cfg(target_arch = "x86_64")]
        match isa {
            Isa::Avx512 => {
                if let Some(lanes) = Avx512::detect() {
                    return self.with(lanes, work, inputs, out);
                }
            }
            Isa::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return self.with(lanes, work, inputs, out);
                }
            }
            Isa::Baseline => {
                if let Some(lanes) = Sse2::detect() {
                    return self.with(lanes, work, inputs, out);
                }
            }
        }
        let _ = isa;
        self.with(Portable, work, inputs, out);
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.with(Portable, &mut Scratch::default(), inputs, out);
    }
}
