//! Tensor products and layer normalization.

use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{NodeSpec, Shape, Slot, Strategy};
use serde_json::Value;

use super::super::build::{Assembly, Stored, Unbuilt};
use super::super::case::Layer;
use super::{malformed, op, set};
use crate::ops::{number, size};

fn equation(layer: &Layer) -> String {
    // The dots stand for the axis of samples.
    layer.word("equation").unwrap_or_default().replace("...", "")
}

pub(super) fn einsum(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let op = op("einsum", &[("equation", AttrValue::Text(equation(layer)))])?;
    // A tensor that is multiplied with itself is named once.
    let mut spec = cx.spec(layer, op, layer.inputs.len().min(2))?;
    if let [only] = spec.inputs[..] {
        spec.inputs = vec![only, only];
    }
    // The equation may name axes of one step that the tensors have lost.
    for (n, name) in ["inp0_shape", "inp1_shape"].into_iter().enumerate() {
        let (from, shape) = (n.min(layer.inputs.len() - 1), list(layer, name));
        if !shape.is_empty() && cx.source_shape(layer, from)?[..] != shape {
            let extents = shape.iter().map(|&n| n as f64).collect();
            let name = cx.name(&format!("{} operand", layer.name));
            let reshape = super::op("reshape", &[("shape", AttrValue::List(extents))])?;
            let (id, format) = cx.source(layer, from)?;
            let mut reshaped = NodeSpec::new(name, reshape, &[id]);
            set(&mut reshaped, Slot::Result, format);
            spec.inputs[n] = cx.add_extra(reshaped);
        }
    }
    set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    cx.add(layer, spec)
}

fn list(layer: &Layer, name: &str) -> Vec<usize> {
    let items = layer.attributes.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_u64).map(|n| n as usize).collect()
}

/// Weights are kept as `[along, summed, free]`, the bias as `[along, free of the input, free]`.
pub(super) fn einsum_dense(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let equation = equation(layer);
    let parts = equation.split_once("->").and_then(|(x, y)| Some((x.split_once(',')?, y)));
    let Some(((a, b), y)) = parts.map(|((a, b), y)| ((a.to_owned(), b.to_owned()), y.to_owned())) else {
        return malformed(layer, "no equation");
    };
    let shape = list(layer, "out_shape");
    let extents = shape.iter().map(|&n| n as f64).collect();
    let attrs = [("equation", AttrValue::Text(equation)), ("shape", AttrValue::List(extents))];
    let mut spec = cx.spec(layer, op("einsum_dense", &attrs)?, 1)?;
    if layer.is_distributed() {
        spec.strategy = Strategy::DistributedArithmetic;
    } else {
        set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    }
    let input = cx.source_shape(layer, 0)?;
    let extent = |letter: char| {
        let of_y = y.chars().position(|c| c == letter).and_then(|at| shape.get(at).copied());
        of_y.or_else(|| a.chars().position(|c| c == letter).map(|at| input[at])).unwrap_or(1)
    };
    let transposed: String =
        list(layer, "inp_tpose_idxs").iter().filter_map(|&at| a.chars().nth(at)).collect();
    let order = list(layer, "out_tpose_idxs");
    let kept: String =
        (0..order.len()).filter_map(|at| y.chars().nth(order.iter().position(|&to| to == at)?)).collect();
    let along = |c: &char| b.contains(*c) && y.contains(*c) && a.contains(*c);
    let summed = |c: &char| b.contains(*c) && !y.contains(*c);
    let free = kept.chars().filter(|c| b.contains(*c) && !a.contains(*c));
    let weight: String =
        transposed.chars().filter(along).chain(transposed.chars().filter(summed)).chain(free).collect();
    let natural = |letters: &str| {
        let extents: Vec<_> = letters.chars().map(extent).collect();
        Shape::new(&extents).or_else(|e| malformed(layer, &e.to_string()))
    };
    let stored = Stored { weight: "weight", slot: Slot::Weight, shape: natural(&b)? };
    cx.store(&mut spec, layer, stored, |tensor| permuted(tensor.values(), &weight, &b, &extent))?;
    let stored = Stored { weight: "bias", slot: Slot::Bias, shape: natural(&y)? };
    cx.store(&mut spec, layer, stored, |tensor| permuted(tensor.values(), &kept, &y, &extent))?;
    cx.add(layer, spec)
}

pub(super) fn layer_norm(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let epsilon = (-layer.number("epsilon_power_of_10").unwrap_or(3.0) * std::f64::consts::LN_10).exp();
    let attrs = [
        ("epsilon", number(epsilon)),
        ("table_size", size(layer.size("table_size").unwrap_or(4096))),
        ("table_range_power2", number(layer.number("table_range_power2").unwrap_or(0.0))),
    ];
    let mut spec = cx.spec(layer, op("layer_norm", &attrs)?, 1)?;
    set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    set(&mut spec, Slot::Table, cx.format(layer, "table_t")?);
    let n = cx.source_shape(layer, 0)?.channels();
    let row = Shape::new(&[n]).or_else(|e| malformed(layer, &e.to_string()))?;
    for (weight, slot) in [("scale", Slot::Scale), ("bias", Slot::Bias)] {
        let stored = Stored { weight, slot, shape: row.clone() };
        cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    }
    cx.add(layer, spec)
}

/// Values with the axes `from`, in the order of the axes `to`.
fn permuted(values: &[f64], from: &str, to: &str, extent: &dyn Fn(char) -> usize) -> Vec<f64> {
    let step = |letter: char| match from.split_once(letter) {
        Some((_, after)) => after.chars().map(extent).product(),
        None => 0usize,
    };
    let axes: Vec<_> = to.chars().map(|letter| (extent(letter), step(letter))).collect();
    let all = axes.iter().map(|(extent, _)| extent).product();
    let at = |n: usize| {
        let fold = |(rest, at): (usize, usize), &(extent, step): &(usize, usize)| {
            (rest / extent, at + rest % extent * step)
        };
        axes.iter().rev().fold((n, 0), fold).1
    };
    (0..all).filter_map(|n| values.get(at(n)).copied()).collect()
}
