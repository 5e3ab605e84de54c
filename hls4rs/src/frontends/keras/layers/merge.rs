//! Layers that join tensors.

use hls4rs_ir::ops::{Concatenate, Dot, Merge, MergeOp};

use super::super::call::{Call, Value};

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

/// Two tensors, element by element.
pub(super) fn merge(call: &mut Call<'_>) -> Option<Value> {
    let op = op(call.attributes.class()).expect("the classes of the table");
    if call.arity() != 2 {
        call.attributes
            .fault(format!("reads {} tensors; two can be merged at once, in hls4ml too", call.arity()));
        return None;
    }
    let (a, b) = (call.input(0)?, call.input(1)?);
    let node = call.node("Merge", Merge { op }, &[&a, &b]);
    call.push(node)
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
