//! Layers that read a sequence step by step.

use hls4rs_ir::draft::{DraftNode, Part, Role};
use hls4rs_ir::ops::{Cell, Concatenate, Curve, GateOrder, Merge, MergeOp, Recurrent};
use hls4rs_ir::{Op, Shape, Slot, Tensor};

use super::super::attributes::{Attributes, Object};
use super::super::call::{Call, Value, set};
use super::super::quantizers::Quantizers;
use super::super::weights::Stored;
use super::activation::{Written, named};

/// The cell of a class; Keras has the biases of a `GRU` twice where the reset gate comes after the product.
fn cell(attributes: &Attributes<'_>) -> Option<Cell> {
    Some(match attributes.class().trim_start_matches('Q') {
        "SimpleRNN" => Cell::Simple,
        "LSTM" => Cell::Lstm,
        "GRU" => Cell::Gru { reset_after: attributes.flag("reset_after", true), order: GateOrder::Keras },
        _ => return None,
    })
}

fn curve(attributes: &Attributes<'_>, key: &'static str) -> Curve {
    let name = match named(attributes, key) {
        Written::Function(name) => name,
        Written::None => "linear",
        Written::Object(object) => object.class,
    };
    let found = Curve::ALL.into_iter().find(|curve| curve.name() == name);
    if found.is_none() {
        attributes.wrong(key, format!("the function `{name}` is not supported"));
    }
    found.unwrap_or(Curve::Linear)
}

/// The op that a layer's attributes describe.
pub(super) fn op(attributes: &Attributes<'_>) -> Option<Recurrent> {
    let Some(cell) = cell(attributes) else {
        attributes.unknown_class("not a recurrent layer that is known here");
        return None;
    };
    attributes.only("return_state", &false.into());
    attributes.only("time_major", &false.into());
    let recurrent_activation = match cell {
        Cell::Simple => Curve::Linear,
        _ => curve(attributes, "recurrent_activation"),
    };
    Some(Recurrent {
        units: attributes.size("units"),
        activation: curve(attributes, "activation"),
        recurrent_activation,
        return_sequences: attributes.flag("return_sequences", false),
        go_backwards: attributes.flag("go_backwards", false),
        ..Recurrent::new(cell)
    })
}

/// hls4ml's class of a cell.
pub(super) fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Simple => "SimpleRNN",
        Cell::Lstm => "LSTM",
        Cell::Gru { .. } => "GRU",
    }
}

/// Sets the stored values of a node; what is missing is told when the node is checked.
pub(super) fn store(node: &mut DraftNode, stored: &Stored, has_bias: bool) {
    let [kernel, recurrent, bias] = stored.variables("cell", ["kernel", "recurrent_kernel", "bias"]);
    set(node, Slot::Weight, kernel);
    set(node, Slot::RecurrentWeight, recurrent);
    let Some(bias) = bias.filter(|_| has_bias) else { return };
    if bias.shape().rank() == 2 && bias.shape()[0] == 2 {
        let columns = bias.shape()[1];
        let shape = Shape::new(&[columns]).expect("an extent of a shape");
        for (slot, row) in [Slot::Bias, Slot::RecurrentBias].into_iter().zip(bias.values().chunks(columns)) {
            node.values.set(slot, Tensor::new(shape.clone(), row.to_vec()).expect("a row"));
        }
    } else {
        node.values.set(Slot::Bias, bias);
    }
}

/// One layer in one direction.
pub(super) fn recurrent(call: &mut Call<'_>) -> Option<Value> {
    let op = op(&call.attributes);
    let has_bias = call.attributes.flag("use_bias", true);
    let keys = [
        (Slot::Weight, "kernel_quantizer"),
        (Slot::RecurrentWeight, "recurrent_quantizer"),
        (Slot::Bias, "bias_quantizer"),
        (Slot::Accum, "state_quantizer"),
    ];
    let quantizers = Quantizers::of(&call.attributes, keys);
    let (x, op) = (call.only_input()?, op?);
    let mut node = call.node(class(op.cell), op, &[&x]);
    quantizers.set(&mut node);
    store(&mut node, &call.stored, has_bias);
    call.push(node)
}

/// Two layers, of which the second reads the sequence backwards, and what becomes of their results.
pub(super) fn bidirectional(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let merge = match attributes.word("merge_mode") {
        "concat" => Some(None),
        "sum" => Some(Some(MergeOp::Add)),
        "mul" => Some(Some(MergeOp::Multiply)),
        "ave" => Some(Some(MergeOp::Average)),
        other => {
            attributes.wrong("merge_mode", format!("expected concat, sum, mul or ave, found `{other}`"));
            None
        }
    };
    let forward = attributes.value("layer").and_then(Object::of);
    let backward = attributes.value("backward_layer").and_then(Object::of);
    let Some(forward) = forward else {
        attributes.wrong("layer", "expected a recurrent layer");
        return None;
    };
    let halves = [half(attributes, forward, false), half(attributes, backward.unwrap_or(forward), true)];
    let (x, merge) = (call.only_input()?, merge?);
    let layer = call.attributes.layer().to_owned();
    let part = |role| Some(Part { layer: layer.clone(), class: "Bidirectional".to_owned(), role });
    let mut results = Vec::new();
    for (half, role) in halves.into_iter().zip([Role::Forward, Role::Backward]) {
        let (mut op, has_bias) = half?;
        let word = if role == Role::Forward { "forward" } else { "backward" };
        op.go_backwards = role == Role::Backward;
        op.restore_order = op.go_backwards;
        let mut node = DraftNode::new(format!("{layer}_{word}"), class(op.cell), op, &[&x.node]);
        node.part = part(role);
        store(&mut node, &call.stored.part(word), has_bias);
        results.push(call.push(node)?);
    }
    let (class, op): (_, Op) = match merge {
        None => ("Concatenate", Concatenate { axis: -1 }.into()),
        Some(op) => ("Merge", Merge { op }.into()),
    };
    let mut node = call.node(class, op, &[&results[0], &results[1]]);
    node.part = part(Role::Joined);
    call.push(node)
}

/// One direction of a bidirectional layer, and whether it has a bias.
///
/// Where only the forward layer is written, the other one has the same attributes.
fn half(outer: &Attributes<'_>, object: Object<'_>, backwards: bool) -> Option<(Recurrent, bool)> {
    let attributes = Attributes::new(object.name().unwrap_or(outer.layer()), object);
    let op = op(&attributes);
    let has_bias = attributes.flag("use_bias", true);
    let own = attributes.flag("go_backwards", backwards);
    if attributes.has("go_backwards") && own && !backwards {
        attributes.wrong("go_backwards", "the first layer has to read forwards");
    }
    outer.include(attributes.finish());
    op.map(|op| (op, has_bias))
}
