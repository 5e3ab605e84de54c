//! Recurrent layers.

use hls4rs_ir::{NodeId, NodeSpec, Precision, Shape, Slot, Strategy, Tensor};

use super::sums::transposed;
use super::{malformed, op, set, sized};
use crate::golden::build::{Assembly, Stored, Unbuilt, not_yet};
use crate::golden::case::Layer;
use crate::ops::{number, size, word};

/// What names a layer's attributes and arrays: nothing, or the direction of a bidirectional one.
#[derive(Clone, Copy)]
struct Part<'a> {
    prefix: &'a str,
    /// `LSTM` or `GRU`.
    class: &'a str,
    units: usize,
    backwards: bool,
}

impl Part<'_> {
    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// A layer of one direction.
pub(super) fn recurrent(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let Some(units) = layer.size("n_out") else { return malformed(layer, "no size") };
    let part = Part { prefix: "", class: &layer.class_name, units, backwards: false };
    let spec = one(cx, layer, part)?;
    cx.add(layer, spec)
}

/// Two layers side by side; the second reads the steps from the last to the first.
pub(super) fn bidirectional(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    if layer.word("merge_mode").is_some_and(|mode| mode != "concat") {
        return not_yet("bidirectional layers that are not concatenated");
    }
    let mut halves: Vec<NodeId> = Vec::new();
    for (prefix, backwards) in [("forward_", false), ("backward_", true)] {
        let class = layer.word(&format!("{prefix}class_name"));
        let (Some(class), Some(units)) = (class, layer.size(&format!("{prefix}n_states"))) else {
            return malformed(layer, "a direction without class or size");
        };
        let spec = one(cx, layer, Part { prefix, class, units, backwards })?;
        halves.push(cx.add_extra(spec));
    }
    let mut spec =
        NodeSpec::new(cx.name(&layer.name), op("concatenate", &[("axis", number(-1.0))])?, &halves);
    set(&mut spec, Slot::Result, cx.format(layer, "result_t")?);
    cx.add(layer, spec)
}

fn one(cx: &mut Assembly<'_>, layer: &Layer, part: Part<'_>) -> Result<NodeSpec, Unbuilt> {
    let Some(n_in) = layer.size("n_in") else { return malformed(layer, "no size") };
    let keyword = match part.class {
        "LSTM" => "lstm",
        "GRU" => "gru",
        other => return not_yet(format!("layer {other}")),
    };
    let words = |name: &str, usual: &'static str| word(layer.word(&part.name(name)).unwrap_or(usual));
    let flag = |yes: bool| word(if yes { "true" } else { "false" });
    let is = |name: &str| layer.attributes.get(name).and_then(serde_json::Value::as_bool) == Some(true);
    let reuse = |name: &str| layer.size(&part.name(name)).unwrap_or(1);
    let strategy = layer.word("strategy").unwrap_or_default().to_lowercase();
    let strategy = Strategy::from_name(&strategy).unwrap_or_default();
    let resource = strategy.shares_multipliers();
    let mut attrs = vec![
        ("units", size(part.units)),
        ("activation", words("activation", "tanh")),
        ("recurrent_activation", words("recurrent_activation", "sigmoid")),
        ("return_sequences", flag(is("return_sequences"))),
        ("go_backwards", flag(part.backwards)),
        ("restore_order", flag(part.backwards)),
        ("table_size", size(sized(layer, "table_size").unwrap_or(1024))),
        ("recurrent_reuse_factor", size(if resource { reuse("recurrent_reuse_factor") } else { 1 })),
    ];
    if keyword == "gru" {
        attrs.push(("gate_order", word(if is("pytorch") { "pytorch" } else { "keras" })));
    }
    let inputs = if part.prefix.is_empty() { layer.inputs.len() } else { 1 };
    let mut spec = cx.spec(layer, op(keyword, &attrs)?, inputs)?;
    if resource {
        (spec.strategy, spec.reuse_factor) = (strategy, reuse("reuse_factor"));
    }
    set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    for slot in [Slot::Table, Slot::RecurrentTable] {
        spec.precision.set(slot, Precision::MayWrap(cx.format(layer, "table_t")?));
    }
    let columns = if keyword == "lstm" { 4 } else { 3 } * part.units;
    for (name, slot, rows) in
        [("weight", Slot::Weight, n_in), ("recurrent_weight", Slot::RecurrentWeight, part.units)]
    {
        let shape = shape(layer, &[rows, columns])?;
        let order = |tensor: &Tensor| match resource {
            true => transposed(tensor.values(), columns),
            false => tensor.values().to_vec(),
        };
        cx.store(&mut spec, layer, Stored { weight: &part.name(name), slot, shape }, order)?;
    }
    for (name, slot) in [("bias", Slot::Bias), ("recurrent_bias", Slot::RecurrentBias)] {
        let shape = shape(layer, &[columns])?;
        let stored = Stored { weight: &part.name(name), slot, shape };
        cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    }
    Ok(spec)
}

fn shape(layer: &Layer, extents: &[usize]) -> Result<Shape, Unbuilt> {
    Shape::new(extents).or_else(|e| malformed(layer, &e.to_string()))
}
