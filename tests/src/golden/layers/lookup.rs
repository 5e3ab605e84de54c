//! Quantizers, tables and the activations of binary and ternary networks.

use hls4rs_ir::{NodeId, NodeSpec, Shape, Slot, Tensor};
use serde_json::Value;

use super::super::build::{Assembly, Stored, Unbuilt, not_yet};
use super::super::case::Layer;
use super::{malformed, op, sized};
use crate::ops::{size, word};

/// A format for every element: masks of sign, width and integer bits, with an axis for samples in front.
pub(super) fn quantizer(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let masks = masks(cx, layer)?;
    let mode = |modes: &[(&str, &'static str)], name| {
        let found = layer.word(name).unwrap_or_default();
        let mode = modes.iter().find(|(theirs, _)| *theirs == found);
        mode.map_or_else(|| not_yet(format!("{name} {found}")), |(_, ours)| Ok(*ours))
    };
    let (rounding, overflow) = (mode(&ROUNDINGS, "RND")?, mode(&OVERFLOWS, "SAT")?);
    let attrs = [("rounding", word(rounding)), ("overflow", word(overflow))];
    let mut spec = cx.spec(layer, op("quantize", &attrs)?, 1)?;
    for (slot, mask) in [Slot::Signed, Slot::Width, Slot::IntBits].into_iter().zip(masks) {
        spec.values.set(slot, mask);
    }
    cx.add(layer, spec)
}

/// Signs, widths and integer bits: those of the table, or those that were added to the weights of the case.
fn masks(cx: &Assembly<'_>, layer: &Layer) -> Result<Vec<Tensor>, Unbuilt> {
    let Some(masks) = layer.attributes.get("mask_kbi").and_then(Value::as_array) else {
        let added = ["signed", "width", "int_bits"].map(|name| cx.array(layer, name).cloned());
        let added: Option<Vec<_>> = added.into_iter().collect();
        return added.map_or_else(|| not_yet("FixedPointQuantizer without recorded masks"), Ok);
    };
    let mask = |mask: &Value| {
        let (mut extents, mut values) = (Vec::new(), Vec::new());
        flatten(mask, 0, &mut extents, &mut values);
        let tensor = Shape::new(extents.get(1..).unwrap_or_default()).ok().map(|s| Tensor::new(s, values));
        let Some(Ok(tensor)) = tensor else { return malformed(layer, "a mask is not an array") };
        Ok(tensor)
    };
    masks.iter().map(mask).collect()
}

/// Quantization modes by HGQ's names.
const ROUNDINGS: [(&str, &str); 7] = [
    ("TRN", "Trn"),
    ("TRN_ZERO", "TrnZero"),
    ("RND", "Rnd"),
    ("RND_ZERO", "RndZero"),
    ("RND_INF", "RndInf"),
    ("RND_MIN_INF", "RndMinInf"),
    ("RND_CONV", "RndConv"),
];

/// Overflow modes by HGQ's names.
const OVERFLOWS: [(&str, &str); 4] =
    [("WRAP", "Wrap"), ("SAT", "Sat"), ("SAT_ZERO", "SatZero"), ("SAT_SYM", "SatSym")];

/// The quantizer of a layer's input that the reference has taken into the adder graph of the layer: no layer of the
/// table stands for it, so that its masks were added to the weights of the case.
pub(super) fn quantized_input(
    cx: &mut Assembly<'_>,
    layer: &Layer,
    input: NodeId,
) -> Result<Option<NodeId>, Unbuilt> {
    let mask = |name: &str| cx.array(layer, &format!("input_{name}")).cloned();
    let (Some(modes), Some(signed), Some(width), Some(int_bits)) =
        (mask("modes"), mask("signed"), mask("width"), mask("int_bits"))
    else {
        return Ok(None);
    };
    // Positions in the lists above.
    let [rounding, overflow] = modes.values() else { return malformed(layer, "two modes are needed") };
    let word_at =
        |modes: &[(&str, &'static str)], at: f64| modes.get(at as usize).map(|(_, ours)| word(ours));
    let (Some(rounding), Some(overflow)) = (word_at(&ROUNDINGS, *rounding), word_at(&OVERFLOWS, *overflow))
    else {
        return malformed(layer, "there is no such mode");
    };
    let attrs = [("rounding", rounding), ("overflow", overflow)];
    let name = cx.name(&format!("{} input", layer.name));
    let mut spec = NodeSpec::new(name, op("quantize", &attrs)?, &[input]);
    for (slot, mask) in [(Slot::Signed, signed), (Slot::Width, width), (Slot::IntBits, int_bits)] {
        spec.values.set(slot, mask);
    }
    Ok(Some(cx.add_extra(spec)))
}

fn flatten(value: &Value, depth: usize, extents: &mut Vec<usize>, values: &mut Vec<f64>) {
    match value {
        Value::Array(items) => {
            if extents.len() == depth {
                extents.push(items.len());
            }
            items.iter().for_each(|item| flatten(item, depth + 1, extents, values));
        }
        other => values.push(other.as_f64().unwrap_or(f64::NAN)),
    }
}

pub(super) fn unary_lut(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let Some(n) = sized(layer, "table_size") else { return malformed(layer, "no table size") };
    let mut spec = cx.spec(layer, op("unary_lut", &[("table_size", size(n))])?, 1)?;
    let shape = Shape::new(&[n]).or_else(|e| malformed(layer, &e.to_string()))?;
    let stored = Stored { weight: "table", slot: Slot::Table, shape };
    cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    cx.add(layer, spec)
}

pub(super) fn embedding(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let (Some(units), Some(vocabulary)) = (layer.size("n_out"), layer.size("vocab_size")) else {
        return malformed(layer, "no sizes");
    };
    let attrs = [("units", size(units)), ("vocabulary", size(vocabulary))];
    let mut spec = cx.spec(layer, op("embedding", &attrs)?, 1)?;
    let shape = Shape::new(&[vocabulary, units]).or_else(|e| malformed(layer, &e.to_string()))?;
    let stored = Stored { weight: "embeddings", slot: Slot::Embeddings, shape };
    cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    cx.add(layer, spec)
}

/// A batch normalization and a binary or ternary tanh in one.
pub(super) fn threshold(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let (keyword, slots) = match layer.size("quantize") {
        Some(2) => ("binary_threshold", &[("threshold", Slot::Threshold)][..]),
        Some(3) => ("ternary_threshold", &[("threshold_hi", Slot::Upper), ("threshold_lo", Slot::Lower)][..]),
        _ => return not_yet("BatchNormalizationQuantizedTanh of other values"),
    };
    let x = cx.source_shape(layer, 0)?;
    let mut spec = cx.spec(layer, op(keyword, &[])?, 1)?;
    let channels = Shape::new(&[x.channels()]).or_else(|e| malformed(layer, &e.to_string()))?;
    let shape = if layer.number("n_filt").is_some_and(|n| n > 0.0) { channels } else { x };
    for &(weight, slot) in slots {
        let stored = Stored { weight, slot, shape: shape.clone() };
        cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    }
    cx.add(layer, spec)
}
