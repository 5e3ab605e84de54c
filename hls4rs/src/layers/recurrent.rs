//! Recurrent layers: simple, long short-term memory, gated recurrent unit.
//!
//! ```
//! hls4rs::network! {
//!     struct RunningSum;
//!     input x: [3, 1] as Fixed<8, 4>;
//!     output y = lstm(x, 1) {
//!         // Gates i, f, c, o: the biases hold all gates open, so that the state adds the inputs up.
//!         weight: [[0.0, 0.0, 1.0, 0.0]],
//!         recurrent_weight: [[0.0, 0.0, 0.0, 0.0]],
//!         bias: [4.0, 4.0, 0.0, 4.0],
//!         activation: linear,
//!         recurrent_activation: hard_sigmoid,
//!         return_sequences: true,
//!     } as Fixed<12, 6>;
//! }
//!
//! let x = [1.0, 2.0, -0.5].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! let y = RunningSum::new().predict(&x);
//! // hard_sigmoid(4) = min(0.2 · 4 + 0.5, 1) = 1: c = x + c, h = c.
//! assert_eq!(y.map(|y| y.to_num::<f64>()), [1.0, 3.0, 2.5]);
//! ```

use hls4rs_fixed::sequence::Sequence;
use hls4rs_fixed::{Cast, Format};

use super::Values;
use super::elementwise::Elementwise;
use super::int::{Int, most};
use super::rows::assign_each;
use super::sums::{SumsKernel, Weights};

pub mod curve;
#[cfg(feature = "backends")]
mod emission;
mod typed;

pub use curve::{Curve, CurveKernel};
pub use typed::{Recurrence, gru, lstm, simple_rnn, zeros};

/// The formulas of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `h = φ(u + v)`.
    Simple,
    /// Gates `i, f, c, o`.
    Lstm,
    /// Gates in this order, then the candidate.
    Gru {
        /// Whether the reset gate multiplies the product with the state, not the state.
        reset_after: bool,
        /// The position of the update gate.
        update: usize,
        /// The position of the reset gate.
        reset: usize,
    },
}

impl Cell {
    /// How many gates there are, the candidate counted.
    pub const fn gates(self) -> usize {
        match self {
            Self::Simple => 1,
            Self::Lstm => 4,
            Self::Gru { .. } => 3,
        }
    }
}

/// The formats of a recurrent layer.
#[derive(Clone, Copy, Debug)]
pub struct RecurrentFormats {
    /// The input.
    pub x: Format,
    /// Weights of the input.
    pub weight: Format,
    /// Weights of the state.
    pub recurrent_weight: Format,
    /// Constants of the product with the input.
    pub bias: Format,
    /// Constants of the product with the state.
    pub recurrent_bias: Format,
    /// The sums.
    pub accum: Format,
    /// The states.
    pub result: Format,
    /// What a gate can be, in the unit of the sums.
    pub gate: Format,
    /// What the candidate and the activated state can be, in the unit of the sums.
    pub candidate: Format,
    /// What a state can be, in the unit of the states.
    pub state: Format,
}

/// The arithmetic of a recurrent layer with its formats.
#[derive(Clone, Copy, Debug)]
pub struct RecurrentKernel<G, V> {
    cell: Cell,
    units: usize,
    /// The product with the input.
    pub input: SumsKernel,
    /// The product with the state.
    pub recurrent: SumsKernel,
    sum: Cast,
    gate: CurveKernel<G>,
    candidate: CurveKernel<V>,
    /// The function of the cell's state.
    activated: CurveKernel<V>,
    reset: Cast,
    /// The exact sum of the fresh and the kept part of a state.
    mix: Cast,
    fresh_up: u32,
    kept_up: u32,
    /// How far a gate is above the unit of `1 - z`, and the bits of that unit.
    gate_up: u32,
    one: u32,
    output: Cast,
}

impl<G: Values, V: Values> RecurrentKernel<G, V> {
    /// Prepares the layer: the function of the gates, of the candidate, and of the cell's state; the strides of the
    /// order of addition of both products; a format that holds every sum, if it is known that the accumulator's
    /// limits change none.
    pub fn new(
        (cell, units): (Cell, usize),
        strides: [usize; 2],
        formats: &RecurrentFormats,
        (gate, candidate, activated): (CurveKernel<G>, CurveKernel<V>, CurveKernel<V>),
        bounds: Option<Format>,
    ) -> Self {
        let &RecurrentFormats { x, accum, result, gate: gates, candidate: fresh, state, .. } = formats;
        let columns = cell.gates() * units;
        let of_x = [x, formats.weight, formats.bias, accum, accum];
        let of_state = [state, formats.recurrent_weight, formats.recurrent_bias, accum, accum];
        let rest = Format::uint(1).difference(gates);
        let (fresh, factor) = match cell {
            Cell::Gru { .. } => (fresh.product(rest), rest),
            _ => (fresh.product(gates), gates),
        };
        let kept = state.product(gates);
        let gate_up = (factor.frac_bits() - gates.frac_bits()).unsigned_abs();
        let mix = fresh.sum(kept);
        let reset = match cell {
            Cell::Gru { reset_after: false, .. } => Cast::new(gates.product(state), result),
            _ => Cast::new(gates.product(accum), accum),
        };
        Self {
            cell,
            units,
            input: SumsKernel::new(columns, strides[0], of_x, bounds),
            recurrent: SumsKernel::new(columns, strides[1], of_state, bounds),
            sum: Cast::new(accum.sum(accum), accum),
            gate,
            candidate,
            activated,
            reset,
            mix: Cast::new(mix, result),
            fresh_up: (mix.frac_bits() - fresh.frac_bits()).unsigned_abs(),
            kept_up: (mix.frac_bits() - kept.frac_bits()).unsigned_abs(),
            gate_up,
            one: factor.frac_bits().max(0).unsigned_abs(),
            output: Cast::new(gates.product(formats.candidate), result),
        }
    }

    /// The width of the integers that this takes.
    pub fn container_bits(&self) -> u32 {
        let products = most(self.input.container_bits(), self.recurrent.container_bits());
        let sums = most(products, self.sum.container_bits());
        let curves = most(sums, self.candidate.container_bits());
        match self.cell {
            Cell::Simple => curves,
            Cell::Lstm => {
                let functions = most(self.gate.container_bits(), self.activated.container_bits());
                let casts = most(self.mix.container_bits(), self.output.container_bits());
                most(curves, most(functions, casts))
            }
            Cell::Gru { .. } => {
                let casts = most(self.mix.container_bits(), self.reset.container_bits());
                most(curves, most(self.gate.container_bits(), casts))
            }
        }
    }

    /// The number of values of a state.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Outputs of the product with the state that read the state, and outputs that read the state after its reset.
    pub fn columns(&self) -> (usize, usize) {
        let all = self.cell.gates() * self.units;
        match self.cell {
            Cell::Gru { reset_after: false, .. } => (2 * self.units, self.units),
            _ => (all, 0),
        }
    }

    /// All steps; `work.h` and `work.c` hold the states before the first one. `write` gets the position and the row of
    /// every result.
    #[inline(always)]
    pub fn run<C: Int, const L: usize, const J: usize, const T: usize>(
        &self,
        x: &[[C; L]],
        stored: &Stored<'_, impl Weights<C> + ?Sized, impl Weights<C> + ?Sized, impl Values, impl Values>,
        sequence: Sequence,
        work: &mut Work<'_, C, L>,
        mut write: impl FnMut(usize, &[C; L]),
    ) {
        let n_in = x.len() / sequence.steps;
        let (direct, after_reset) = self.columns();
        for n in 0..sequence.steps {
            let x = &x[sequence.step(n) * n_in..][..n_in];
            self.input.run::<C, C, _, L, J, T>(x, stored.weight, &stored.bias, 0, work.u);
            let (weight, bias) = (stored.recurrent_weight, &stored.recurrent_bias);
            for (part, columns) in [0..direct, direct..direct + after_reset].into_iter().enumerate() {
                // The second reads the state after its reset.
                let state = if part == 0 { &*work.h } else { &*work.c };
                let (first, v) = (columns.start, &mut work.v[columns]);
                self.recurrent.run::<C, C, _, L, J, T>(state, weight, bias, first, v);
                if part == 0 {
                    self.gates(work);
                }
            }
            self.update(work);
            if let Some(row) = sequence.row(n) {
                for (j, h) in work.h.iter().enumerate() {
                    write(row * self.units + j, h);
                }
            }
        }
    }

    /// The gates, into `u`, and what the reset gate multiplies: the product with the state, or the state, into `c`.
    #[inline(always)]
    pub fn gates<C: Int, const L: usize>(&self, work: &mut Work<'_, C, L>) {
        let units = self.units;
        let blocks = match self.cell {
            Cell::Simple => &[][..],
            Cell::Lstm => &[0, 1, 3],
            Cell::Gru { .. } => &[0, 1],
        };
        for block in blocks {
            for at in block * units..(block + 1) * units {
                let (u, v) = (&mut work.u[at], &work.v[at]);
                *u = assign_each!(C, L, &self.sum, l => u[l].plus(v[l]));
                self.gate.row(at, u);
            }
        }
        let Cell::Gru { reset_after, reset, .. } = self.cell else { return };
        for j in 0..units {
            let gate = &work.u[reset * units + j];
            let state = if reset_after { &work.v[2 * units + j] } else { &work.h[j] };
            let product = assign_each!(C, L, &self.reset, l => gate[l].times(state[l]));
            *(if reset_after { &mut work.v[2 * units + j] } else { &mut work.c[j] }) = product;
        }
    }

    /// The states after a step, from the gates and both products.
    #[inline(always)]
    pub fn update<C: Int, const L: usize>(&self, work: &mut Work<'_, C, L>) {
        let units = self.units;
        let block = if matches!(self.cell, Cell::Simple) { 0 } else { 2 };
        for j in 0..units {
            let (u, v) = (&mut work.u[block * units + j], &work.v[block * units + j]);
            *u = assign_each!(C, L, &self.sum, l => u[l].plus(v[l]));
            self.candidate.row(j, u);
        }
        match self.cell {
            Cell::Simple => work.h.copy_from_slice(work.u),
            Cell::Lstm => self.lstm(work),
            Cell::Gru { update, .. } => self.gru(work, update),
        }
    }

    #[inline(always)]
    fn lstm<C: Int, const L: usize>(&self, work: &mut Work<'_, C, L>) {
        let (units, a, b) = (self.units, self.fresh_up, self.kept_up);
        for j in 0..units {
            let [input, forget, fresh, output] = [0, 1, 2, 3].map(|gate| &work.u[gate * units + j]);
            let c = &mut work.c[j];
            *c = assign_each!(C, L, &self.mix, l => {
                fresh[l].times(input[l]).up(a).plus(c[l].times(forget[l]).up(b))
            });
            let active = &mut work.h[j];
            *active = *c;
            self.activated.row(j, active);
            *active = assign_each!(C, L, &self.output, l => output[l].times(active[l]));
        }
    }

    #[inline(always)]
    fn gru<C: Int, const L: usize>(&self, work: &mut Work<'_, C, L>, update: usize) {
        let (a, b, up, one) = (self.fresh_up, self.kept_up, self.gate_up, C::from_i64(1).up(self.one));
        for j in 0..self.units {
            let (kept, fresh) = (&work.u[update * self.units + j], &work.u[2 * self.units + j]);
            let h = &mut work.h[j];
            *h = assign_each!(C, L, &self.mix, l => {
                fresh[l].times(one.minus(kept[l].up(up))).up(a).plus(h[l].times(kept[l]).up(b))
            });
        }
    }
}

/// What a recurrent layer stores.
#[derive(Debug)]
pub struct Stored<'a, W: ?Sized, U: ?Sized, B, D> {
    /// Weights of the input, row major `[n_in, gates · units]`.
    pub weight: &'a W,
    /// Weights of the state, row major `[units, gates · units]`.
    pub recurrent_weight: &'a U,
    /// Constants of the product with the input.
    pub bias: B,
    /// Constants of the product with the state.
    pub recurrent_bias: D,
}

/// Rows that a recurrent layer works in.
#[derive(Debug)]
pub struct Work<'a, C, const L: usize> {
    /// The product with the input, one row for each gate of each unit.
    pub u: &'a mut [[C; L]],
    /// The product with the state, one row for each gate of each unit.
    pub v: &'a mut [[C; L]],
    /// The state.
    pub h: &'a mut [[C; L]],
    /// The cell's state, or the state after its reset.
    pub c: &'a mut [[C; L]],
}
