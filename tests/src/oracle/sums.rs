//! Layers that sum products.

use hls4rs_fixed::Wide;
use hls4rs_ir::{Facts, Multiplications, Node, Slot};

use super::{Value, at};

/// Every row of the last axis by itself.
pub(super) fn dense(node: &Node, facts: &Facts, x: &[Value]) -> Vec<Value> {
    let n_out = node.shape.channels();
    let n_in = x.len() / (node.shape.elements() / n_out);
    x.chunks(n_in).flat_map(|row| (0..n_out).map(move |j| sum(node, facts, row, n_out, j))).collect()
}

/// Products cast to the accumulator and added to it one by one, in the order of the strategy; `x` are the inputs that
/// go with the rows of the weights, column `j` of which belongs to the output.
fn sum(node: &Node, facts: &Facts, x: &[Value], n_out: usize, j: usize) -> Value {
    let (accum, weight) = (facts.format(Slot::Accum), facts.constant(Slot::Weight));
    let order = Multiplications { n_in: x.len(), n_out }.order(node.strategy, node.reuse_factor);
    let none = Value { raw: Wide::ZERO, format: accum };
    let bias = facts.constants.get(Slot::Bias).map_or(none, |bias| at(bias, j).cast(accum));
    let term = |i: usize| x[i].times(at(weight, i * n_out + j)).cast(accum);
    let sum = order.iter().fold(bias, |sum, &i| sum.plus(term(i)).cast(accum));
    sum.cast(facts.result())
}
