//! Layers that read a sequence step by step.

use hls4rs_ir::draft::{DraftNode, Part, Role};
use hls4rs_ir::ops::{Cell, Concatenate, Curve, GateOrder, Merge, MergeOp, Recurrent};
use hls4rs_ir::{Op, Shape, Slot, Tensor};

use super::super::attributes::{Attributes, Object};
use super::super::call::{Call, Value, set};
use super::super::quantizers::Quantizers;
use super::super::weights::Stored;

mod function;

use function::Bounded;

/// The cell of a class; Keras has the biases of a `GRU` twice where the reset gate comes after the product.
fn cell(attributes: &Attributes<'_>) -> Option<Cell> {
    Some(match attributes.class().trim_start_matches('Q') {
        "SimpleRNN" => Cell::Simple,
        "LSTM" => Cell::Lstm,
        "GRU" => Cell::Gru { reset_after: attributes.flag("reset_after", true), order: GateOrder::Keras },
        _ => return None,
    })
}

/// What a layer's attributes describe.
struct Described {
    op: Recurrent,
    has_bias: bool,
    quantizers: Quantizers,
    functions: [Bounded; 2],
}

impl Described {
    /// Reads the attributes of a layer.
    fn of(attributes: &Attributes<'_>) -> Option<Self> {
        let Some(cell) = cell(attributes) else {
            attributes.unknown_class("not a recurrent layer that is known here");
            return None;
        };
        attributes.only("return_state", &false.into());
        attributes.only("time_major", &false.into());
        if attributes.flag("stateful", false) {
            attributes
                .wrong("stateful", "only false is supported: here a sample knows nothing of the one before");
        }
        let gates = match cell {
            Cell::Simple => Bounded::curve(Curve::Linear),
            _ => Bounded::of(attributes, "recurrent_activation", cell),
        };
        let activation = Bounded::of(attributes, "activation", cell);
        let op = Recurrent {
            units: attributes.size("units"),
            activation: activation.curve,
            recurrent_activation: gates.curve,
            return_sequences: attributes.flag("return_sequences", false),
            go_backwards: attributes.flag("go_backwards", false),
            ..Recurrent::new(cell)
        };
        let keys = [
            (Slot::Weight, "kernel_quantizer"),
            (Slot::RecurrentWeight, "recurrent_quantizer"),
            (Slot::Bias, "bias_quantizer"),
            (Slot::Accum, "state_quantizer"),
        ];
        let quantizers = Quantizers::of(attributes, keys);
        let has_bias = attributes.flag("use_bias", true);
        Some(Self { op, has_bias, quantizers, functions: [activation, gates] })
    }

    /// The node of one direction.
    fn node(self, name: String, inputs: &[&str], stored: &Stored) -> DraftNode {
        let Self { op, has_bias, quantizers, functions: [activation, gates] } = self;
        let cell = op.cell;
        let mut node = DraftNode::new(name, class(cell), op, inputs);
        quantizers.set(&mut node);
        store(&mut node, stored, has_bias);
        for (slot, function) in [(Slot::Table, &activation), (Slot::RecurrentTable, &gates)] {
            if let Some(ty) = function.entries() {
                node.types.set(slot, ty);
            }
        }
        if let (Cell::Simple, Some(quantizer)) = (cell, activation.quantizer) {
            node.quantizers.set(Slot::Result, quantizer);
        }
        node
    }
}

/// hls4ml's class of a cell.
fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Simple => "SimpleRNN",
        Cell::Lstm => "LSTM",
        Cell::Gru { .. } => "GRU",
    }
}

/// Sets the stored values of a node; what is missing is told when the node is checked.
fn store(node: &mut DraftNode, stored: &Stored, has_bias: bool) {
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

/// One layer in one direction; further tensors are its states before the first step.
pub(super) fn recurrent(call: &mut Call<'_>) -> Option<Value> {
    let described = Described::of(&call.attributes);
    let inputs = (0..call.arity().max(1)).map(|n| call.input(n)).collect::<Option<Vec<_>>>()?;
    let inputs: Vec<_> = inputs.iter().map(|x| x.node.as_str()).collect();
    let node = described?.node(call.attributes.layer().to_owned(), &inputs, &call.stored);
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
        let mut half = half?;
        let word = if role == Role::Forward { "forward" } else { "backward" };
        half.op.go_backwards = role == Role::Backward;
        half.op.restore_order = half.op.go_backwards;
        let mut node = half.node(format!("{layer}_{word}"), &[&x.node], &call.stored.part(word));
        node.part = part(role);
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

/// One direction of a bidirectional layer.
///
/// Where only the forward layer is written, the other one has the same attributes.
fn half(outer: &Attributes<'_>, object: Object<'_>, backwards: bool) -> Option<Described> {
    let attributes = Attributes::new(object.name().unwrap_or(outer.layer()), object);
    let described = Described::of(&attributes);
    let own = attributes.flag("go_backwards", backwards);
    if attributes.has("go_backwards") && own && !backwards {
        attributes.wrong("go_backwards", "the first layer has to read forwards");
    }
    outer.include(attributes.finish());
    described
}
