//! Recurrent layers: simple, long short-term memory, gated recurrent unit.

use hls4rs_fixed::sequence::Sequence;

use super::moves::{reshape, reshape_to_steps};
use super::{Arity, Layer, Parameter, Unfit, check_table_size};
use crate::attr::{Attr, AttrRef};
use crate::hardware::{Multiplications, Strategy};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

mod curve;
mod rule;

pub use curve::Curve;

/// What a recurrent layer computes in a step, from `u = x · W + b` and `v = h · U + d`.
///
/// `σ` is `recurrent_activation`, `φ` is `activation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `h = φ(u + v)`.
    Simple,
    /// Gates `i, f, c, o`: `c = φ(g_c) · σ(g_i) + c · σ(g_f)`, `h = σ(g_o) · φ(c)`, with `g = u + v`.
    Lstm,
    /// Gates `z, r, h`: `h = φ(u_h + …) · (1 - z) + h · z`.
    Gru {
        /// Whether the reset gate multiplies the product `v_h`, as in `φ(u_h + r · v_h)`; else it multiplies the state,
        /// as in `φ(u_h + (r · h) · U_h + d_h)`.
        reset_after: bool,
        /// How the gates stand in weights and biases.
        order: GateOrder,
    },
}

/// In which order the gates of a `gru` are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateOrder {
    /// `z, r, h`.
    #[default]
    Keras,
    /// `r, z, n`.
    Pytorch,
}

impl GateOrder {
    const ALL: [Self; 2] = [Self::Keras, Self::Pytorch];
    const NAMES: &'static [&'static str] = &["keras", "pytorch"];

    /// Where the update gate `z` and the reset gate `r` stand.
    pub const fn update_and_reset(self) -> (usize, usize) {
        match self {
            Self::Keras => (0, 1),
            Self::Pytorch => (1, 0),
        }
    }
}

impl Cell {
    /// The gated recurrent unit with its attributes at their defaults.
    pub const fn gru() -> Self {
        Self::Gru { reset_after: true, order: GateOrder::Keras }
    }

    /// Values of a state that a matrix row holds: the number of gates, the candidate counted.
    pub const fn gates(self) -> usize {
        match self {
            Self::Simple => 1,
            Self::Lstm => 4,
            Self::Gru { .. } => 3,
        }
    }

    /// How many states are handed from step to step.
    pub const fn states(self) -> usize {
        if matches!(self, Self::Lstm) { 2 } else { 1 }
    }

    /// The position of the gate that `activation` is for.
    pub const fn candidate(self) -> usize {
        match self {
            Self::Simple => 0,
            Self::Lstm | Self::Gru { .. } => 2,
        }
    }
}

/// A layer that reads a sequence step by step and keeps a state.
///
/// The steps and their formulas are those of [`Cell`]; the states are 0 before the first step, or further inputs say
/// what they are: `gru(x, h0, units)`, `lstm(x, h0, c0, units)`.
///
/// # Shapes
/// `x: [steps, n_in]`, `weight: [n_in, gates · units]`, `recurrent_weight: [units, gates · units]`, `bias` and
/// `recurrent_bias: [gates · units]`, states `[units]` or `[1, units]`, `y: [units]`, or `[steps, units]` with `return_sequences`.
/// Gates stand side by side: `i, f, c, o` for `lstm`, `z, r, h` for `gru`.
/// # Precision
/// `u` and `v` are sums as in `dense`, with the one format `accum`; their sum, every gate, and the product with the
/// reset gate before the addition are cast to `accum`, too. The states have the format of the result, and each takes
/// one cast: `c` of the exact sum of two products, `h` of an exact product or sum.
/// Without `reset_after`, `r · h` is cast to the format of the result.
/// Gates read their table as `sigmoid` and `tanh` do; a `hard_sigmoid` has the slope 0.2 of `ufixed<16,0>`.
/// `accum: auto` has the unit of the exact products and of the tables (16 fraction bits for `hard_sigmoid`), and room
/// for all sums.
/// `auto` of the result is 18 bits, rounded and saturated, with the integer bits that the states need in so many steps;
/// `relu`, `linear` and `softplus` have no bound and need a format.
/// # Hardware
/// One step at a time: `reuse_factor` counts for the product with `x`, `recurrent_reuse_factor` for the product with
/// the state.
/// # Source
/// hls4ml `nnet_utils/nnet_recurrent.h`.
/// There, `gru` without `reset_after` has the formula of the other kind, `lstm` takes only one format for input, sums
/// and states, and `simple_rnn` does nothing; here they compute what they say.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    /// The formulas of a step.
    pub cell: Cell,
    /// The number of values of a state.
    pub units: usize,
    /// The function of the candidate and of the cell's state.
    pub activation: Curve,
    /// The function of the gates.
    pub recurrent_activation: Curve,
    /// The number of entries of function tables.
    pub table_size: usize,
    /// Whether every step has a result.
    pub return_sequences: bool,
    /// Whether the steps are read from the last to the first.
    pub go_backwards: bool,
    /// Whether the results of steps that are read backwards stand beside their steps.
    pub restore_order: bool,
    /// How often a multiplier of the product with the state is used in a step.
    pub recurrent_reuse_factor: usize,
}

impl Recurrent {
    /// The layer with its attributes at their defaults.
    pub const fn new(cell: Cell) -> Self {
        Self {
            cell,
            units: 0,
            activation: Curve::Tanh,
            recurrent_activation: Curve::Sigmoid,
            table_size: 1024,
            return_sequences: false,
            go_backwards: false,
            restore_order: false,
            recurrent_reuse_factor: 1,
        }
    }

    /// The walk through the steps of an input.
    pub fn sequence(&self, x: &Shape) -> Sequence {
        let Self { return_sequences, go_backwards, restore_order, .. } = *self;
        Sequence { steps: x[0], return_sequences, go_backwards, restore_order }
    }

    /// Outputs of both matrix products.
    pub fn columns(&self) -> usize {
        self.cell.gates() * self.units
    }

    /// The matrix that the state is multiplied with.
    pub fn recurrent_multiplications(&self) -> Multiplications {
        Multiplications::matrix(self.units, self.columns())
    }

    /// The function of the gates, where there are gates.
    pub fn gates(&self) -> Option<Curve> {
        (self.cell != Cell::Simple).then_some(self.recurrent_activation)
    }
}

impl Layer for Recurrent {
    fn keyword(&self) -> &'static str {
        match self.cell {
            Cell::Simple => "simple_rnn",
            Cell::Lstm => "lstm",
            Cell::Gru { .. } => "gru",
        }
    }

    fn arity(&self) -> Arity {
        Arity::Either(1, 1 + self.cell.states())
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let attr = |name, doc, value| Attr { name, doc, value };
        let Self { cell, activation, recurrent_activation, .. } = self;
        let simple = *cell == Cell::Simple;
        let mut attrs = vec![
            attr("units", "number of values of the state", AttrRef::Size(&mut self.units)),
            attr("activation", "function of the candidate", curve::choice(activation)),
        ];
        if !simple {
            attrs.push(attr("recurrent_activation", "function of the gates", curve::choice(recurrent_activation)));
        }
        let flag = AttrRef::Flag;
        attrs.extend([
            attr("return_sequences", "every step has a result", flag(&mut self.return_sequences)),
            attr("go_backwards", "the last step is read first", flag(&mut self.go_backwards)),
            attr("restore_order", "results stand beside their steps", flag(&mut self.restore_order)),
            attr("table_size", "number of entries of function tables", AttrRef::Size(&mut self.table_size)),
            attr(
                "recurrent_reuse_factor",
                "uses of a multiplier of the product with the state",
                AttrRef::Size(&mut self.recurrent_reuse_factor),
            ),
        ]);
        if let Cell::Gru { reset_after, order } = cell {
            let index = *order as usize;
            let set = Box::new(|index: usize| *order = GateOrder::ALL[index]);
            attrs.push(attr("reset_after", "the reset gate multiplies products", flag(reset_after)));
            let value = AttrRef::Choice { allowed: GateOrder::NAMES, index, set };
            attrs.push(attr("gate_order", "order in which gates are stored", value));
        }
        attrs
    }

    fn slots(&self) -> &'static [Slot] {
        use Slot::{Accum, Bias, RecurrentBias, RecurrentTable, RecurrentWeight, Table, Weight};
        let gates = self.gates().is_some_and(|curve| curve.function().is_some());
        match (gates, self.activation.function().is_some()) {
            (false, false) => &[Weight, Bias, RecurrentWeight, RecurrentBias, Accum],
            (false, true) => &[Weight, Bias, RecurrentWeight, RecurrentBias, Accum, Table],
            (true, false) => &[Weight, Bias, RecurrentWeight, RecurrentBias, Accum, RecurrentTable],
            (true, true) => &[Weight, Bias, RecurrentWeight, RecurrentBias, Accum, Table, RecurrentTable],
        }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        check_table_size("table_size", self.table_size)?;
        let x = inputs[0];
        if x.rank() != 2 {
            let expected = "a sequence [steps, n_in]".to_owned();
            let steps = reshape(&format!("[{}, 1]", x.elements()));
            let help = if x.rank() == 1 { steps } else { reshape_to_steps(x) };
            return Err(Unfit::Input { n: 0, expected, help });
        }
        let too_many = |_| Unfit::Attr {
            name: "units",
            expected: "the number of values of the state, at least 1 and few enough to store the weights".to_owned(),
            found: self.units.to_string(),
        };
        for n_in in [x[1], self.units] {
            let columns = self.units.saturating_mul(self.cell.gates());
            Shape::new(&[n_in, columns]).map_err(too_many)?;
        }
        let is_state = |shape: &Shape| shape.elements() == self.units && shape.channels() == self.units;
        if let Some(n) = (1..inputs.len()).find(|&n| !is_state(inputs[n])) {
            let expected = format!("a state of [{}]", self.units);
            return Err(Unfit::Input { n, expected, help: None });
        }
        let extents = [self.sequence(x).rows(), self.units];
        Shape::new(if self.return_sequences { &extents } else { &extents[1..] }).map_err(too_many)
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let columns = self.columns();
        let parameter = |slot, extents: &[usize], optional| {
            let shape = Shape::new(extents).expect("checked with the input's shape");
            Parameter { slot, shape, alternative: None, optional }
        };
        vec![
            parameter(Slot::Weight, &[inputs[0][1], columns], false),
            parameter(Slot::Bias, &[columns], true),
            parameter(Slot::RecurrentWeight, &[self.units, columns], false),
            parameter(Slot::RecurrentBias, &[columns], true),
        ]
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        Some(Multiplications::matrix(inputs[0][1], self.columns()))
    }

    fn passes(&self, inputs: &[&Shape]) -> usize {
        inputs[0][0]
    }

    fn strategies(&self) -> &'static [Strategy] {
        &[Strategy::Latency, Strategy::Resource, Strategy::ResourceUnrolled]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        rule::resolve(self, cx)
    }
}
