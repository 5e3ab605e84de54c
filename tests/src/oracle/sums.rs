//! Layers that sum products.

use hls4rs_fixed::Wide;
use hls4rs_fixed::window::Convolution;
use hls4rs_ir::ops::Conv;
use hls4rs_ir::{Facts, Multiplications, Node, Op, Shape, Slot, Strategy, used_weights};

use super::{Value, at};

/// The window of every filter's group, position by position, counted in a padded image.
pub(super) fn conv(conv: &Conv, node: &Node, facts: &Facts, x: &[Value], shape: &Shape) -> Vec<Value> {
    let Convolution { window, channels, filters, groups } = conv.geometry(shape).expect("a sound layer");
    let share = channels / groups;
    let zero = Value { raw: Wide::ZERO, ..x[0] };
    let pixel = |row: i64, column: i64, channel: usize| {
        let [height, width] = window.input.map(|n| n as i64);
        let inside = (0..height).contains(&row) && (0..width).contains(&column);
        if inside { x[(row * width + column) as usize * channels + channel] } else { zero }
    };
    let mut y = Vec::new();
    for out in 0..window.output[0] * window.output[1] {
        let out = [out / window.output[1], out % window.output[1]];
        for filter in 0..filters {
            let group = filter * groups / filters;
            let mut inputs = Vec::new();
            for tap in 0..window.kernel[0] * window.kernel[1] {
                let tap = [tap / window.kernel[1], tap % window.kernel[1]];
                let at = |axis: usize| {
                    let padded = out[axis] * window.stride[axis] + tap[axis] * window.dilation[axis];
                    padded as i64 - window.before[axis] as i64
                };
                inputs.extend((0..share).map(|c| pixel(at(0), at(1), group * share + c)));
            }
            y.push(sum(node, facts, &inputs, filters, filter));
        }
    }
    y
}

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
    let none = Value { raw: Wide::ZERO, format: accum };
    let bias = facts.constants.get(Slot::Bias).map_or(none, |bias| at(bias, j).cast(accum));
    let term = |i: usize| x[i].times(at(weight, i * n_out + j)).cast(accum);
    let add = |sum: Value, i: usize| sum.plus(term(i)).cast(accum);
    let sum = if node.strategy == Strategy::Compressed {
        let listed: Vec<usize> = used_weights(&weight.raw, n_out);
        let step = |ir: usize| listed.iter().skip(ir).step_by(node.reuse_factor);
        let part = |ir| step(ir).filter(|&at| at % n_out == j).fold(none, |sum, &at| add(sum, at / n_out));
        (0..node.reuse_factor).fold(bias, |sum, ir| sum.plus(part(ir)).cast(accum))
    } else {
        let products = match node.op.inside() {
            Op::Conv(conv) if conv.depthwise => Multiplications::channels(x.len(), n_out),
            _ => Multiplications::matrix(x.len(), n_out),
        };
        let order = products.order(node.strategy, node.reuse_factor, j);
        order.into_iter().fold(bias, add)
    };
    sum.cast(facts.result())
}
