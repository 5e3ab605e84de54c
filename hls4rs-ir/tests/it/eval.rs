//! A slow and simple evaluation of resolved networks, straight from the documentation of the layers.

use hls4rs_fixed::window::Convolution;
use hls4rs_fixed::{Cast, Format, Wide, from_f64};
use hls4rs_ir::ops::{
    BatchNorm, Concatenate, Elu, Function, Hard, Implementation, LeakyRelu, Merge, MergeOp, SELU_LAMBDA,
    Softmax, TableActivation,
};
use hls4rs_ir::tables::TableIndex;
use hls4rs_ir::{Facts, Node, Op, RawTensor, Resolved, Shape, Slot};

mod recurrent;

/// A value with its format.
#[derive(Clone, Copy, Debug)]
struct Value {
    raw: Wide,
    format: Format,
}

impl Value {
    fn cast(self, to: Format) -> Self {
        Self { raw: Cast::new(self.format, to).wide(self.raw), format: to }
    }

    fn times(self, other: Self) -> Self {
        Self { raw: self.raw * other.raw, format: self.format.product(other.format) }
    }

    fn plus(self, other: Self) -> Self {
        let format = self.format.sum(other.format);
        Self { raw: self.cast(format).raw + other.cast(format).raw, format }
    }

    fn minus(self, other: Self) -> Self {
        let format = self.format.difference(other.format);
        Self { raw: self.cast(format).raw - other.cast(format).raw, format }
    }

    fn exceeds(self, other: Self) -> bool {
        self.minus(other).raw > Wide::ZERO
    }

    fn is_negative(self) -> bool {
        self.raw.is_negative()
    }

    fn constant(tensor: &RawTensor, at: usize) -> Self {
        Self { raw: Wide::from_i64(tensor.raw[at]), format: tensor.format }
    }

    fn number(value: f64) -> Self {
        let format = Format::fixed(64, 32);
        Self { raw: from_f64(value, format), format }
    }
}

/// The results of all nodes for the given inputs of the network.
pub(crate) fn evaluate(net: &Resolved, inputs: &[Vec<Wide>]) -> Vec<Vec<Wide>> {
    let mut results: Vec<Vec<Value>> = Vec::new();
    let mut inputs = inputs.iter();
    for (_, node, facts) in net.iter() {
        let read: Vec<&[Value]> = node.inputs.iter().map(|id| results[id.index()].as_slice()).collect();
        let shapes: Vec<&Shape> = node.inputs.iter().map(|&id| &net.graph().node(id).shape).collect();
        let out = match &node.op {
            Op::Input(_) => {
                let input = inputs.next().expect("an input for every input node");
                input.iter().map(|&raw| Value { raw, format: facts.result() }).collect()
            }
            _ => layer(node, facts, &read, &shapes),
        };
        results.push(out.into_iter().map(|v| v.cast(facts.result())).collect());
    }
    results.into_iter().map(|values| values.into_iter().map(|v| v.raw).collect()).collect()
}

fn layer(node: &Node, facts: &Facts, read: &[&[Value]], shapes: &[&Shape]) -> Vec<Value> {
    let each =
        |f: &dyn Fn(usize, Value) -> Value| read[0].iter().enumerate().map(|(i, &x)| f(i, x)).collect();
    let constant = |slot, at| Value::constant(facts.constant(slot), at);
    match &node.op {
        Op::Input(_) => unreachable!("inputs are taken from outside"),
        Op::Dense(dense) => {
            let rows = read[0].chunks(shapes[0].channels());
            rows.flat_map(|row| (0..dense.units).map(|j| sum(facts, row, dense.units, j))).collect()
        }
        Op::Conv(conv) => {
            let geometry = conv.geometry(shapes[0]).expect("checked");
            convolution(facts, read[0], &geometry)
        }
        Op::Linear(_) | Op::Reshape(_) => read[0].to_vec(),
        Op::Relu(relu) => each(&|_, x| {
            let x = if x.is_negative() { Value { raw: Wide::ZERO, ..x } } else { x };
            let limit = relu.max.map(Value::number).filter(|&limit| x.exceeds(limit));
            limit.unwrap_or(x)
        }),
        Op::LeakyRelu(LeakyRelu { .. }) => each(&|_, x| leaky(x, constant(Slot::Alpha, 0))),
        Op::Prelu(_) => each(&|i, x| leaky(x, constant(Slot::Alpha, i))),
        Op::ThresholdedRelu(_) => each(&|_, x| {
            if x.exceeds(constant(Slot::Alpha, 0)) { x } else { Value { raw: Wide::ZERO, ..x } }
        }),
        Op::Elu(Elu { table_size, .. }) => each(&|_, x| {
            let index = TableIndex::falling(x.format, *table_size);
            if x.is_negative() {
                constant(Slot::Alpha, 0).times(constant(Slot::Table, index.wide(x.raw)))
            } else {
                x
            }
        }),
        Op::TableActivation(TableActivation { function, table_size }) => each(&|_, x| {
            if *function == Function::Selu && !x.is_negative() {
                let format = TableActivation::selu_product(x.format, hls4rs_ir::Io::Parallel);
                return Value { raw: x.raw * Wide::from_i64(SELU_LAMBDA), format };
            }
            constant(Slot::Table, function.index(x.format, *table_size).wide(x.raw))
        }),
        Op::Hard(hard) => each(&|_, x| {
            let y = constant(Slot::Slope, 0).times(x).plus(constant(Slot::Shift, 0));
            let (zero, one) = (Value::number(0.0), Value::number(1.0));
            let y = if y.exceeds(one) {
                one
            } else if y.is_negative() {
                zero
            } else {
                y
            };
            let exact = Hard::exact(x.format, facts.format(Slot::Slope), facts.format(Slot::Shift));
            if hard.tanh { Value::number(2.0).times(y).minus(one) } else { y }.cast(Hard::bounded(exact))
        }),
        Op::BatchNorm(_) => each(&|i, x| {
            let (scale, bias) = (facts.constant(Slot::Scale), facts.constants.get(Slot::Bias));
            let product = x.times(Value::constant(scale, i % scale.raw.len()));
            let Some(bias) = bias else { return product };
            let sum = product.plus(Value::constant(bias, i % bias.raw.len()));
            assert_eq!(sum.format, BatchNorm::exact(x.format, scale.format, bias.format));
            sum
        }),
        Op::Merge(merge) => each(&|i, a| {
            let b = read[1][i];
            let joined = join(merge.op, a, b);
            joined.cast(Merge::exact(merge, a.format, b.format))
        }),
        Op::Concatenate(concatenate) => side_by_side(concatenate, read, shapes),
        Op::Recurrent(layer) => recurrent::results(layer, facts, read, shapes[0]),
        Op::Softmax(softmax) => {
            let n = shapes[0].channels();
            read[0].chunks(n).flat_map(|row| softmax_row(softmax, facts, row)).collect()
        }
        other => {
            unreachable!("{} is evaluated by the oracle of the workspace's tests", other.layer().keyword())
        }
    }
}

fn leaky(x: Value, alpha: Value) -> Value {
    if x.raw > Wide::ZERO { x } else { alpha.times(x) }
}

fn join(op: MergeOp, a: Value, b: Value) -> Value {
    match op {
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

/// The sum of output `j`: the products of `x` with column `j` of the weights.
fn sum(facts: &Facts, x: &[Value], n_out: usize, j: usize) -> Value {
    sum_of(facts, [Slot::Weight, Slot::Bias], x, n_out, j)
}

fn sum_of(facts: &Facts, [weight, bias]: [Slot; 2], x: &[Value], n_out: usize, j: usize) -> Value {
    let (accum, weight) = (facts.format(Slot::Accum), facts.constant(weight));
    let zero = Value { raw: Wide::ZERO, format: accum };
    let bias = facts.constants.get(bias).map_or(zero, |bias| Value::constant(bias, j).cast(accum));
    x.iter().enumerate().fold(bias, |sum, (i, &x)| {
        sum.plus(x.times(Value::constant(weight, i * n_out + j)).cast(accum)).cast(accum)
    })
}

fn convolution(facts: &Facts, x: &[Value], geometry: &Convolution) -> Vec<Value> {
    let zero = Value { raw: Wide::ZERO, ..x[0] };
    let outputs = (0..geometry.window.outputs()).flat_map(|at| (0..geometry.filters).map(move |f| (at, f)));
    let one = |(at, filter): (usize, usize)| {
        let group = filter / (geometry.filters / geometry.groups);
        let input = |row| geometry.element(at, group, row).map_or(zero, |i| x[i]);
        let inputs: Vec<Value> = (0..geometry.rows()).map(input).collect();
        sum(facts, &inputs, geometry.filters, filter)
    };
    outputs.map(one).collect()
}

fn side_by_side(concatenate: &Concatenate, read: &[&[Value]], shapes: &[&Shape]) -> Vec<Value> {
    let (rounds, shares) = concatenate.rounds(shapes);
    let mut out = Vec::new();
    for round in 0..rounds {
        for (values, &share) in read.iter().zip(&shares) {
            out.extend_from_slice(&values[round * share..][..share]);
        }
    }
    out
}

fn tree(values: &[Value], join: &dyn Fn(Value, Value) -> Value) -> Value {
    if values.len() == 1 {
        return values[0];
    }
    let (left, right) = values.split_at(Softmax::tree_split(values.len()));
    join(tree(left, join), tree(right, join))
}

fn softmax_row(softmax: &Softmax, facts: &Facts, row: &[Value]) -> Vec<Value> {
    let x = row[0].format;
    match softmax.implementation {
        Implementation::Stable | Implementation::Latency => {
            let (accum, inv_input) = (facts.format(Slot::Accum), facts.format(Slot::InvInput));
            let most = tree(row, &|a, b| if b.exceeds(a) { b } else { a });
            let address = |x: Value| match softmax.implementation {
                Implementation::Stable => most.minus(x).cast(facts.format(Slot::InputNorm)),
                _ => x,
            };
            let index = softmax.exp_index(x, facts);
            let read =
                |x| Value::constant(facts.constant(Slot::ExpTable), index.wide(address(x).raw)).cast(accum);
            let exp: Vec<Value> = row.iter().map(|&x| read(x)).collect();
            let sum = tree(&exp, &|a, b| a.plus(b).cast(accum)).cast(inv_input);
            let at = softmax.inv_index(facts).wide(sum.raw);
            let inverse = Value::constant(facts.constant(Slot::InvTable), at);
            exp.into_iter().map(|e| e.times(inverse)).collect()
        }
        Implementation::Legacy => {
            let table = facts.format(Slot::Table);
            let (exp, inv) = (facts.constant(Slot::ExpTable), facts.constant(Slot::InvTable));
            let term = |i: usize, j: usize| {
                if i == j {
                    return Value::number(1.0).cast(table);
                }
                Value::constant(exp, softmax.legacy_exp_index(x).wide(row[j].minus(row[i]).raw))
            };
            let sum = |i: usize| {
                let zero = Value::number(0.0).cast(table);
                (0..row.len()).fold(zero, |sum, j| sum.plus(term(i, j)).cast(table))
            };
            let index = softmax.legacy_inv_index(table);
            (0..row.len()).map(|i| Value::constant(inv, index.wide(sum(i).raw))).collect()
        }
        Implementation::Argmax => {
            let first = (0..row.len()).rev().max_by_key(|&i| row[i].raw).expect("a row has an element");
            (0..row.len()).map(|i| Value::number(f64::from(u8::from(i == first)))).collect()
        }
    }
}
