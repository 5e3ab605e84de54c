//! Recurrent layers, step by step.

use hls4rs_fixed::Wide;
use hls4rs_fixed::sequence::Sequence;

use super::{Body, Scratch, Step};
use crate::layers::Int;
use crate::layers::elementwise::{Elementwise, LinearKernel};
use crate::layers::recurrent::{RecurrentKernel, Stored as Constants, Work};
use crate::layers::sums::Finish;
use crate::simulate::block::{Block, LANES, Line, Row};
use crate::simulate::dispatch::Isa;
use crate::simulate::lanes::Portable;
#[cfg(target_arch = "x86_64")]
use crate::simulate::lanes::{Avx2, Avx512, Sse2};
use crate::simulate::matrix::Matrix;
use crate::simulate::plan::Stored;

/// What every recurrent layer needs.
pub(crate) struct Recurrence {
    pub(crate) kernel: RecurrentKernel<Stored, Stored>,
    pub(crate) sequence: Sequence,
    /// The casts of states that are inputs.
    pub(crate) casts: Vec<LinearKernel>,
}

/// A recurrent layer with any integers.
pub(crate) struct RecurrentStep {
    pub(crate) layer: Recurrence,
    pub(crate) weight: Vec<i64>,
    pub(crate) recurrent_weight: Vec<i64>,
    pub(crate) bias: Vec<i64>,
    pub(crate) recurrent_bias: Vec<i64>,
}

/// A recurrent layer with inputs and states of 16 bits and sums of 32.
pub(crate) struct ShortRecurrentStep {
    pub(crate) layer: Recurrence,
    /// The products with the input, with the state, and with the state after its reset.
    pub(crate) products: Vec<Product>,
}

/// A matrix product of 16-bit inputs with 32-bit sums.
pub(crate) struct Product {
    pub(crate) matrix: Matrix,
    pub(crate) finish: Finish,
    /// In units of the accumulator.
    pub(crate) bias: Vec<i32>,
}

/// Rows for a layer whose numbers have at most 32 bits.
#[derive(Default)]
pub(super) struct Rows {
    u: Vec<Row<i32>>,
    v: Vec<Row<i32>>,
    h: Vec<Row<i32>>,
    c: Vec<Row<i32>>,
    /// A state as the matrix product takes it.
    state: Vec<Line<i16>>,
    pairs: Vec<Line<i32>>,
}

impl Recurrence {
    pub(crate) fn bits(&self) -> u32 {
        self.casts.iter().fold(self.kernel.container_bits(), |bits, cast| bits.max(cast.container_bits()))
    }

    /// The states before the first step.
    #[inline(always)]
    fn start<C: Int>(&self, inputs: &[&Block], states: [&mut [Row<C>]; 2]) {
        for (n, state) in states.into_iter().enumerate() {
            for (j, row) in state.iter_mut().enumerate() {
                match (self.casts.get(n), inputs.get(n + 1)) {
                    (Some(cast), Some(input)) => {
                        *row = input.load(j);
                        cast.row(j, row);
                    }
                    _ => *row = [C::default(); LANES],
                }
            }
        }
    }
}

impl RecurrentStep {
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let Recurrence { kernel, sequence, .. } = &self.layer;
        let rows = |n: usize| vec![[C::default(); LANES]; n];
        let x: Vec<Row<C>> = (0..inputs[0].len()).map(|i| inputs[0].load(i)).collect();
        let (units, columns) = (kernel.units(), self.bias.len());
        let (mut u, mut v, mut h, mut c) = (rows(columns), rows(columns), rows(units), rows(units));
        self.layer.start(inputs, [&mut h, &mut c]);
        let mut work = Work { u: &mut u, v: &mut v, h: &mut h, c: &mut c };
        let stored = Constants {
            weight: &self.weight[..],
            recurrent_weight: &self.recurrent_weight[..],
            bias: &self.bias[..],
            recurrent_bias: &self.recurrent_bias[..],
        };
        kernel.run::<C, LANES, 1, 32>(&x, &stored, *sequence, &mut work, |at, row| out.store(at, row));
    }
}

/// Not compiled for each set of instructions: what is fast has 16 bits.
impl Step for RecurrentStep {
    fn run(&self, _: Isa, _: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        if self.layer.bits() <= 64 { self.with::<i64>(inputs, out) } else { self.with::<Wide>(inputs, out) }
    }
}

impl Body for ShortRecurrentStep {
    fn bits(&self) -> u32 {
        32
    }

    #[inline(always)]
    fn narrow(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        let Block::I16(x) = inputs[0] else { unreachable!("chosen for 16-bit inputs") };
        let (Recurrence { kernel, sequence, .. }, products) = (&self.layer, &self.products[..]);
        let (units, columns) = (kernel.units(), products[0].bias.len());
        let (direct, _) = kernel.columns();
        let Scratch { pairs: x_pairs, recurrent: Rows { u, v, h, c, state, pairs }, .. } = work;
        for (rows, count) in [(&mut *u, columns), (&mut *v, columns), (&mut *h, units), (&mut *c, units)] {
            rows.resize(count.max(rows.len()), [0; LANES]);
        }
        state.resize(units.max(state.len()), Line([0; LANES]));
        let (h, c, state) = (&mut h[..units], &mut c[..units], &mut state[..units]);
        self.layer.start(inputs, [&mut *h, &mut *c]);
        let mut work = Work { u: &mut u[..columns], v: &mut v[..columns], h, c };
        products[0].matrix.interleave(x, x_pairs);
        for n in 0..sequence.steps {
            products[0].rows(isa, x_pairs, sequence.step(n), work.u);
            for (n, product) in products[1..].iter().enumerate() {
                // The second reads the state after its reset.
                let (rows, v) = if n == 0 { (&work.h, 0..direct) } else { (&work.c, direct..columns) };
                narrowed(rows, state);
                product.matrix.interleave(state, pairs);
                product.rows(isa, pairs, 0, &mut work.v[v]);
                if n == 0 {
                    kernel.gates(&mut work);
                }
            }
            kernel.update(&mut work);
            if let Some(row) = sequence.row(n) {
                for (j, h) in work.h.iter().enumerate() {
                    out.store(row * units + j, h);
                }
            }
        }
    }

    fn wide(&self, inputs: &[&Block], out: &mut Block) {
        self.narrow(Isa::Baseline, &mut Scratch::default(), inputs, out);
    }
}

#[inline(always)]
fn narrowed(rows: &[Row<i32>], state: &mut [Line<i16>]) {
    for (row, state) in rows.iter().zip(state) {
        for l in 0..LANES {
            state[l] = row[l] as i16;
        }
    }
}

impl Product {
    /// All outputs for the inputs of a step, cast to the accumulator.
    #[inline(always)]
    fn rows(&self, isa: Isa, pairs: &[Line<i32>], step: usize, y: &mut [Row<i32>]) {
        let place = [(step * self.matrix.pairs()) as u32];
        let mut sums = Matrix::TILE_OF_ZEROS;
        for tile in 0..self.matrix.tiles() {
            self.sums(isa, tile, pairs, &place, &mut sums);
            let outputs = self.matrix.outputs(tile);
            let bias = &self.bias[outputs.clone()];
            self.finish.rows(sums.iter().map(|sums| &**sums), bias, y[outputs].iter_mut());
        }
    }

    #[inline(always)]
    fn sums(&self, isa: Isa, tile: usize, pairs: &[Line<i32>], place: &[u32], sums: &mut [Line<i32>; 4]) {
        #[cfg(target_arch = "x86_64")]
        match isa {
            Isa::Avx512 => {
                if let Some(lanes) = Avx512::detect() {
                    return self.matrix.sums(lanes, tile, pairs, place, sums);
                }
            }
            Isa::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return self.matrix.sums(lanes, tile, pairs, place, sums);
                }
            }
            Isa::Baseline => {
                if let Some(lanes) = Sse2::detect() {
                    return self.matrix.sums(lanes, tile, pairs, place, sums);
                }
            }
        }
        let _ = isa;
        self.matrix.sums(Portable, tile, pairs, place, sums);
    }
}
