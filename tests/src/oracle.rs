//! A second simulation, by the book: one value at a time, in 256-bit integers, without any of the engine's code.
//!
//! It is slow and short, to be compared with: a difference to the engine is found without a C++ compiler.

use hls4rs_fixed::{Cast, Format, Wide, from_f64};
use hls4rs_ir::ops::{
    BatchNorm, Elu, Hard, Implementation, LeakyRelu, Merge, MergeOp, Softmax, TableActivation,
};
use hls4rs_ir::tables::{Function, TableIndex};
use hls4rs_ir::{Facts, Node, Op, RawTensor, Resolved, Slot};

use crate::random::Raw;
use data::Around;

mod data;
mod garnet;
mod lookup;
mod products;
mod recurrent;
mod spiking;
mod steps;
mod sums;

/// A raw value and its format.
#[derive(Clone, Copy)]
struct Value {
    raw: Wide,
    format: Format,
}

impl Value {
    fn cast(self, to: Format) -> Self {
        Self { raw: Cast::new(self.format, to).wide(self.raw), format: to }
    }

    /// The raw value in units of `2^-frac_bits`, which must not be coarser.
    fn aligned(self, frac_bits: i32) -> Wide {
        self.raw << (frac_bits - self.format.frac_bits()).unsigned_abs()
    }

    /// An exact operation on both raw values in the unit of the result's format.
    fn exactly(self, other: Self, format: Format, f: impl Fn(Wide, Wide) -> Wide) -> Self {
        let frac_bits = format.frac_bits().max(self.format.frac_bits()).max(other.format.frac_bits());
        let raw = f(self.aligned(frac_bits), other.aligned(frac_bits));
        Self { raw: raw >> (frac_bits - format.frac_bits()).unsigned_abs(), format }
    }

    fn plus(self, other: Self) -> Self {
        self.exactly(other, self.format.sum(other.format), |a, b| a + b)
    }

    fn minus(self, other: Self) -> Self {
        self.exactly(other, self.format.difference(other.format), |a, b| a - b)
    }

    fn times(self, other: Self) -> Self {
        Self { raw: self.raw * other.raw, format: self.format.product(other.format) }
    }

    fn exceeds(self, other: Self) -> bool {
        let frac_bits = self.format.frac_bits().max(other.format.frac_bits());
        self.aligned(frac_bits) > other.aligned(frac_bits)
    }

    fn is_positive(self) -> bool {
        self.raw > Wide::ZERO
    }

    fn is_negative(self) -> bool {
        self.raw.is_negative()
    }
}

/// The outputs of a network for one sample, raw.
///
/// # Panics
/// If the sample does not have the shape of the network's inputs, or an output is wider than 128 bits.
pub fn outputs(network: &Resolved, sample: &[Raw]) -> Vec<Raw> {
    let mut all: Vec<Vec<Value>> = Vec::new();
    let mut inputs = sample.iter();
    for (_, node, facts) in network.iter() {
        let read: Vec<&[Value]> = node.inputs.iter().map(|id| all[id.index()].as_slice()).collect();
        let result = facts.result();
        let values: Vec<Value> = match &node.op {
            Op::Input(_) => {
                let raw = inputs.next().expect("a tensor for every input");
                raw.iter().map(|&raw| Value { raw: Wide::from_i128(raw), format: result }).collect()
            }
            op => {
                let input = |&id| (network.graph().node(id), network.facts(id));
                let inputs: Vec<_> = node.inputs.iter().map(input).collect();
                let shapes = inputs.iter().map(|(node, _)| &node.shape).collect();
                let around = Around { node, facts, inputs, shapes, io: network.graph().io() };
                layer(op, &around, &read)
            }
        };
        all.push(values.into_iter().map(|v| if v.format == result { v } else { v.cast(result) }).collect());
    }
    let raw = |v: &Value| v.raw.to_i128().expect("an output of at most 128 bits");
    network.graph().outputs().iter().map(|id| all[id.index()].iter().map(raw).collect()).collect()
}

fn layer(op: &Op, cx: &Around<'_>, read: &[&[Value]]) -> Vec<Value> {
    let (node, facts, x) = (cx.node, cx.facts, read[0]);
    let result = facts.result();
    let zero = Value { raw: Wide::ZERO, format: result };
    match op {
        Op::Input(_) => Vec::new(),
        // There is no second opinion on layers that hls4rs does not know.
        Op::Custom(custom) => panic!("`{}` is a layer of one's own", custom.name()),
        Op::Linear(_) | Op::Reshape(_) => x.iter().map(|x| x.cast(result)).collect(),
        Op::Relu(relu) => x
            .iter()
            .map(|&x| {
                let six = Format::fixed(32, 32);
                let max = relu.max.map(|max| Value { raw: from_f64(max, six), format: six });
                match max {
                    _ if !x.is_positive() => zero,
                    Some(max) if x.exceeds(max) => max.cast(result),
                    _ => x.cast(result),
                }
            })
            .collect(),
        Op::LeakyRelu(LeakyRelu { .. }) => {
            let alpha = at(facts.constant(Slot::Alpha), 0);
            x.iter().map(|&x| if x.is_positive() { x } else { alpha.times(x) }.cast(result)).collect()
        }
        Op::Prelu(_) => {
            let alpha = facts.constant(Slot::Alpha);
            let one = |(n, x): (usize, &Value)| if x.is_positive() { *x } else { at(alpha, n).times(*x) };
            x.iter().enumerate().map(one).map(|v| v.cast(result)).collect()
        }
        Op::ThresholdedRelu(_) => {
            let theta = at(facts.constant(Slot::Alpha), 0);
            x.iter().map(|&x| if x.exceeds(theta) { x.cast(result) } else { zero }).collect()
        }
        Op::Elu(elu) => x.iter().map(|&x| self::elu(elu, facts, x).cast(result)).collect(),
        Op::TableActivation(op) => x.iter().map(|&x| from_table(op, cx, x).cast(result)).collect(),
        Op::Hard(hard) => x.iter().map(|&x| self::hard(hard, facts, x).cast(result)).collect(),
        Op::BatchNorm(_) => affine(facts, x),
        Op::Dense(_) => sums::dense(node, facts, x),
        Op::Conv(conv) => sums::conv(conv, node, facts, x, cx.shapes[0]),
        Op::Merge(merge) => {
            let (a, b) = (data::operand(cx, 0, read[0]), data::operand(cx, 1, read[1]));
            a.into_iter().zip(b).map(|(a, b)| join(merge, a, b).cast(result)).collect()
        }
        Op::Dot(_) => data::dot(cx, read[0], read[1]),
        Op::Pool(pool) => data::pool(pool, cx, x),
        Op::GlobalPool(pool) => data::global(pool, cx, x),
        Op::ZeroPadding(_)
        | Op::Cropping(_)
        | Op::Resize(_)
        | Op::Transpose(_)
        | Op::RepeatVector(_)
        | Op::Broadcast(_) => data::moved(op, cx, x).expect("a layer that moves values"),
        Op::Concatenate(_) => concatenate(op, node, read).into_iter().map(|v| v.cast(result)).collect(),
        Op::Recurrent(layer) => recurrent::recurrent(layer, node, facts, read),
        Op::IntegrateAndFire(op) => spiking::neurons(op, facts, x, cx.shapes[0]),
        Op::SpikeReadout(op) => spiking::spike_readout(op, facts, x, cx.shapes[0]),
        Op::MembraneReadout(op) => spiking::membrane_readout(op, facts, x, cx.shapes[0]),
        Op::Softmax(softmax) => {
            let axis = softmax.axis.rem_euclid(node.shape.rank() as i32) as usize;
            let inner: usize = node.shape[axis + 1..].iter().product();
            let rows = 0..x.len() / node.shape[axis];
            let mut y = x.to_vec();
            for first in rows.map(|row| row / inner * inner * node.shape[axis] + row % inner) {
                let at = |i: usize| first + i * inner;
                let values: Vec<_> = (0..node.shape[axis]).map(|i| x[at(i)]).collect();
                row(softmax, facts, &values).into_iter().enumerate().for_each(|(i, v)| y[at(i)] = v);
            }
            y
        }
        Op::Einsum(op) => products::einsum(op, facts, &cx.shapes, x, read[1]),
        Op::LayerNorm(op) => products::layer_norm(op, facts, cx.shapes[0].channels(), x),
        Op::EinsumDense(op) => products::einsum_dense(op, facts, cx.shapes[0], x),
        Op::Quantize(op) => lookup::quantize(op, facts, x),
        Op::UnaryLut(_) => lookup::unary_lut(facts, x),
        Op::Embedding(op) => lookup::embedding(op, facts, x),
        Op::QuantizedTanh(op) => lookup::quantized_tanh(op, facts, cx.io, x),
        Op::Threshold(op) => lookup::threshold(op, facts, x),
        Op::Garnet(op) => garnet::garnet(op, cx, x, read[1][0]),
        Op::TimeDistributed(op) => steps::time_distributed(op, cx, x),
    }
}

fn at(constant: &RawTensor, n: usize) -> Value {
    Value { raw: Wide::from_i64(constant.raw[n % constant.raw.len()]), format: constant.format }
}

fn elu(op: &Elu, facts: &Facts, x: Value) -> Value {
    if !x.is_negative() {
        return x;
    }
    let index = op.index(x.format).wide(x.raw);
    at(facts.constant(Slot::Alpha), 0).times(at(facts.constant(Slot::Table), index))
}

fn from_table(op: &TableActivation, cx: &Around<'_>, x: Value) -> Value {
    if op.function == Function::Selu && !x.is_negative() {
        return data::selu_factor(cx, x.format).times(x);
    }
    at(cx.facts.constant(Slot::Table), op.index(x.format).wide(x.raw))
}

fn hard(op: &Hard, facts: &Facts, x: Value) -> Value {
    let (slope, shift) = (at(facts.constant(Slot::Slope), 0), at(facts.constant(Slot::Shift), 0));
    let line = slope.times(x).plus(shift);
    let exact = Hard::exact(x.format, slope.format, shift.format);
    let bounded = Hard::bounded(exact);
    let one = Wide::ONE << exact.frac_bits().unsigned_abs();
    let y = line.aligned(exact.frac_bits()).max(Wide::ZERO).min(one);
    Value { raw: if op.tanh { (y << 1) - one } else { y }, format: bounded }
}

fn affine(facts: &Facts, x: &[Value]) -> Vec<Value> {
    let scale = facts.constant(Slot::Scale);
    let none = Value { raw: Wide::ZERO, format: Format::uint(1) };
    let one = |(n, &x): (usize, &Value)| {
        let bias = facts.constants.get(Slot::Bias).map_or(none, |bias| at(bias, n));
        let value = x.times(at(scale, n)).plus(bias);
        let exact = BatchNorm::exact(x.format, scale.format, bias.format);
        debug_assert_eq!(exact, value.format);
        value.cast(facts.result())
    };
    x.iter().enumerate().map(one).collect()
}

fn join(merge: &Merge, a: Value, b: Value) -> Value {
    match merge.op {
        MergeOp::Add => a.plus(b),
        MergeOp::Subtract => a.minus(b),
        MergeOp::Multiply => a.times(b),
        MergeOp::Average => a.plus(b).times(Value { raw: Wide::ONE, format: Format::ufixed(1, 0) }),
        MergeOp::Maximum => {
            if a.exceeds(b) {
                a
            } else {
                b
            }
        }
        MergeOp::Minimum => {
            if b.exceeds(a) {
                a
            } else {
                b
            }
        }
    }
}

fn concatenate(op: &Op, node: &Node, read: &[&[Value]]) -> Vec<Value> {
    let Op::Concatenate(concatenate) = op else { return Vec::new() };
    let rank = node.shape.rank() as i32;
    let axis = concatenate.axis.rem_euclid(rank) as usize;
    let outer: usize = node.shape[..axis].iter().product();
    let part = |input: &&[Value], o: usize| {
        let share = input.len() / outer;
        input[o * share..][..share].to_vec()
    };
    (0..outer).flat_map(|o| read.iter().flat_map(move |input| part(input, o))).collect()
}

/// One row of a softmax, in the format of the result.
fn row(op: &Softmax, facts: &Facts, x: &[Value]) -> Vec<Value> {
    let result = facts.result();
    let max = x.iter().skip(1).fold(x[0], |max, &x| if x.exceeds(max) { x } else { max });
    match op.implementation {
        Implementation::Argmax => {
            let first = x.iter().position(|x| x.raw == max.raw);
            let number =
                |n| Value { raw: Wide::from(i32::from(Some(n) == first)), format: Format::fixed(32, 32) };
            (0..x.len()).map(|n| number(n).cast(result)).collect()
        }
        Implementation::Legacy => legacy(facts, x).into_iter().map(|v| v.cast(result)).collect(),
        Implementation::Stable | Implementation::Latency => {
            let (accum, inverse) = (facts.format(Slot::Accum), facts.constant(Slot::InvTable));
            let exponential = |&x: &Value| {
                let address = match op.implementation {
                    Implementation::Stable => max.minus(x).cast(facts.format(Slot::InputNorm)),
                    _ => x,
                };
                let table = facts.constant(Slot::ExpTable);
                at(table, top_bits(address, table.raw.len())).cast(accum)
            };
            let terms: Vec<_> = x.iter().map(exponential).collect();
            let sum = tree(&terms, accum).cast(facts.format(Slot::InvInput));
            let reciprocal = at(inverse, top_bits(sum, inverse.raw.len()));
            terms.iter().map(|e| e.times(reciprocal).cast(result)).collect()
        }
    }
}

/// The top bits of a value's pattern, as many as address a table.
fn top_bits(value: Value, size: usize) -> usize {
    let bits = size.ilog2();
    let pattern = (0..bits).map(|n| value.raw.bit(value.format.width - bits + n));
    pattern.enumerate().map(|(n, bit)| usize::from(bit) << n).sum()
}

/// A sum as a tree, the left branch the greatest power of two below the number of values.
fn tree(values: &[Value], accum: Format) -> Value {
    if let [value] = values {
        return *value;
    }
    let (left, right) = values.split_at(values.len().next_power_of_two() / 2);
    tree(left, accum).plus(tree(right, accum)).cast(accum)
}

fn legacy(facts: &Facts, x: &[Value]) -> Vec<Value> {
    let (exp, inv) = (facts.constant(Slot::ExpTable), facts.constant(Slot::InvTable));
    let format = exp.format;
    let one = Value { raw: from_f64(1.0, format), format };
    let address = |value: Value, span, size, rising| match rising {
        true => TableIndex::rising(value.format, size, span).wide(value.raw),
        false => TableIndex::centred(value.format, size, span).wide(value.raw),
    };
    (0..x.len())
        .map(|i| {
            let term = |j: usize| match i == j {
                true => one,
                false => at(exp, address(x[j].minus(x[i]), 4, exp.raw.len(), false)),
            };
            let none = Value { raw: Wide::ZERO, format };
            let sum = (0..x.len()).fold(none, |sum, j| sum.plus(term(j)).cast(format));
            at(inv, address(sum, 6, inv.raw.len(), true))
        })
        .collect()
}
