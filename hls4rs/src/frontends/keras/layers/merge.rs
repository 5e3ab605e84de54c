//! Layers that join tensors.

use hls4rs_ir::draft::{DraftNode, Part, Role};
use hls4rs_ir::ops::{Concatenate, Dot, Merge, MergeOp};

use super::super::call::{Call, Value};

/// The most tensors of one merge.
const MAX_MERGED: usize = 64;

/// What a class of merging computes.
fn op(class: &str) -> Option<MergeOp> {
    Some(match class.trim_start_matches('Q') {
        "Add" => MergeOp::Add,
        "Subtract" => MergeOp::Subtract,
        "Multiply" => MergeOp::Multiply,
        "Average" | "AveragePow2" => MergeOp::Average,
        "Maximum" => MergeOp::Maximum,
        "Minimum" => MergeOp::Minimum,
        _ => return None,
    })
}

/// Tensors, element by element; more than two one after the other, which hls4ml does not do.
pub(super) fn merge(call: &mut Call<'_>) -> Option<Value> {
    let op = op(call.attributes.class()).expect("the classes of the table");
    let at_most = match op {
        MergeOp::Add | MergeOp::Multiply | MergeOp::Maximum | MergeOp::Minimum => MAX_MERGED,
        MergeOp::Subtract | MergeOp::Average => 2,
    };
    let arity = call.arity();
    if !(2..=at_most).contains(&arity) {
        let expected = if at_most == 2 { "two".to_owned() } else { format!("2 to {at_most}") };
        call.attributes.fault(format!("reads {arity} tensors, expected {expected}"));
        return None;
    }
    let inputs = (0..arity).map(|n| call.input(n)).collect::<Option<Vec<_>>>()?;
    // Where the channels stand does not matter, as long as it is the same place.
    let before: Option<Vec<_>> = inputs.iter().map(|x| call.before_moving(x)).collect();
    let rank = inputs[0].shape.rank();
    let before = before.filter(|all| all.iter().all(|x| x.shape.rank() == rank));
    let first = before.is_some();
    let inputs = before.unwrap_or(inputs);
    let layer = call.attributes.layer().to_owned();
    let mut y = inputs[0].clone();
    for (n, x) in inputs.iter().enumerate().skip(1) {
        let last = n + 1 == arity;
        let name = if last { layer.clone() } else { format!("{layer}_{n}") };
        let mut node = DraftNode::new(name, "Merge", Merge { op }, &[&y.node, &x.node]);
        if arity > 2 {
            node.part = Some(Part { layer: layer.clone(), class: "Merge".to_owned(), role: Role::Sublayer });
        }
        y = call.push(node)?;
    }
    call.channels_back(y, first)
}

/// Tensors side by side; the axis of samples counts as the first in the file.
pub(super) fn concatenate(call: &mut Call<'_>) -> Option<Value> {
    let axis = if call.attributes.has("axis") { call.attributes.integer("axis") } else { -1 };
    let inputs = (0..call.arity()).map(|n| call.input(n)).collect::<Option<Vec<_>>>()?;
    let axis = call.axis("axis", axis, inputs.first()?)?;
    let node = call.node("Concatenate", Concatenate { axis }, &inputs.iter().collect::<Vec<_>>());
    call.push(node)
}

/// The scalar product of two vectors.
pub(super) fn dot(call: &mut Call<'_>) -> Option<Value> {
    // Of vectors there is only one axis to choose.
    call.attributes.ignore(&["axes"]);
    call.attributes.only("normalize", &false.into());
    if call.arity() != 2 {
        call.attributes.fault(format!("reads {} tensors, expected two", call.arity()));
        return None;
    }
    let (a, b) = (call.input(0)?, call.input(1)?);
    let node = call.node("Dot", Dot, &[&a, &b]);
    call.push(node)
}
