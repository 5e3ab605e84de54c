//! A layer that is applied to every step of the first axis.

use hls4rs_ir::ops::TimeDistributed;

use super::data::Around;
use super::{Value, layer};

pub(super) fn time_distributed(op: &TimeDistributed, cx: &Around<'_>, x: &[Value]) -> Vec<Value> {
    let part = op.step(cx.io, cx.inputs[0], (cx.node, cx.facts));
    let nodes: Vec<_> = part.iter().map(|(_, node, facts)| (node, facts)).collect();
    let ((input, _), (node, facts)) = (nodes[0], nodes[1]);
    let shapes = vec![&input.shape];
    let inside = Around { node, facts, inputs: vec![nodes[0]], shapes, io: cx.io };
    x.chunks(input.shape.elements()).flat_map(|step| layer(&op.layer, &inside, &[step])).collect()
}
