//! Layers that sum products.

use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{NodeSpec, Shape, Slot, Strategy};

use super::super::build::{Assembly, Stored, Unbuilt, not_yet};
use super::super::case::Layer;
use super::{lookup, malformed, op, set};
use crate::ops::size;

pub(super) fn dense(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let (Some(n_in), Some(n_out)) = (layer.size("n_in"), layer.size("n_out")) else {
        return malformed(layer, "no sizes");
    };
    let mut spec = cx.spec(layer, op("dense", &[("units", size(n_out))])?, 1)?;
    // A matrix for the whole tensor, or for every row of it.
    let shape = cx.source_shape(layer, 0)?;
    if shape.rank() != 1 && (shape.channels() != n_in || cx.shape(layer)?.rank() == 1) {
        let mut flat =
            NodeSpec::new(cx.name(&format!("{} flat", layer.name)), op("flatten", &[])?, &spec.inputs);
        let (_, format) = cx.source(layer, 0)?;
        set(&mut flat, Slot::Result, format);
        spec.inputs = vec![cx.add_extra(flat)];
    }
    sums(cx, layer, spec, vec![n_in, n_out])
}

/// A convolution with the padding that was recorded; in streams, that is a layer of its own.
pub(super) fn conv(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let class = layer.class_name.as_str();
    let depthwise = class.starts_with("Depthwise");
    let axes = if class.contains("1D") { 1 } else { 2 };
    let names = if axes == 1 { &["width"][..] } else { &["height", "width"] };
    let sizes = |prefix: &str| -> Option<Vec<usize>> {
        names.iter().map(|name| layer.size(&format!("{prefix}_{name}"))).collect()
    };
    let sides = if axes == 1 { &["left", "right"][..] } else { &["top", "bottom", "left", "right"] };
    let pad: Option<Vec<usize>> = sides.iter().map(|side| layer.size(&format!("pad_{side}"))).collect();
    let (Some(kernel), Some(stride), Some(pad), Some(channels), Some(filters)) =
        (sizes("filt"), sizes("stride"), pad, layer.size("n_chan"), layer.size("n_filt"))
    else {
        return malformed(layer, "no sizes");
    };
    let dilation = sizes("dilation").unwrap_or_else(|| vec![1; axes]);
    let per_axis = |values: &[usize]| if axes == 1 { size(values[0]) } else { list(values) };
    let mut attrs = vec![
        ("kernel", per_axis(&kernel)),
        ("stride", per_axis(&stride)),
        ("dilation", per_axis(&dilation)),
        ("pad", list(&pad)),
    ];
    let mut extents = kernel;
    if depthwise {
        if layer.size("depth_multiplier").is_some_and(|n| n != 1) {
            return not_yet("depth multipliers");
        }
        extents.push(channels);
    } else {
        attrs.push(("filters", size(filters)));
        extents.extend([channels, filters]);
    }
    let keyword = format!("{}conv{axes}d", if depthwise { "depthwise_" } else { "" });
    let spec = cx.spec(layer, op(&keyword, &attrs)?, 1)?;
    let shape = cx.source_shape(layer, 0)?;
    match spec.op.layer().shape(&[&shape]) {
        Ok(found) if found == cx.shape(layer)? => sums(cx, layer, spec, extents),
        Ok(_) => not_yet("windows that end early"),
        Err(unfit) => malformed(layer, &format!("{unfit:?}")),
    }
}

fn list(values: &[usize]) -> AttrValue {
    AttrValue::List(values.iter().map(|&v| v as f64).collect())
}

/// The layer with strategy, accumulator, weights of these extents and bias.
fn sums(
    cx: &mut Assembly<'_>,
    layer: &Layer,
    mut spec: NodeSpec,
    extents: Vec<usize>,
) -> Result<(), Unbuilt> {
    let depthwise = layer.class_name.starts_with("Depthwise");
    let strategy = layer.word("strategy").unwrap_or("latency").to_lowercase();
    let strategy = match strategy.as_str() {
        // Only two have a kernel of their own.
        "resource_unrolled" if depthwise => Strategy::Latency,
        "latency" => Strategy::Latency,
        "resource" => Strategy::Resource,
        "resource_unrolled" => Strategy::ResourceUnrolled,
        "distributed_arithmetic" | "da" => Strategy::DistributedArithmetic,
        other => return not_yet(format!("strategy {other}")),
    };
    cx.signs(&mut spec, layer)?;
    if let Some(quantize) = lookup::quantized_input(cx, layer, spec.inputs[0])? {
        spec.inputs = vec![quantize];
    }
    spec.strategy = strategy;
    // In a latency layer the factor is a matter of the schedule only, and hls4ml takes any.
    spec.reuse_factor = match strategy.shares_multipliers() {
        // More steps than products of all channels are as many.
        true if depthwise => layer.size("reuse_factor").unwrap_or(1).min(extents.iter().product()),
        true => layer.size("reuse_factor").unwrap_or(1),
        false => 1,
    };
    if strategy != Strategy::DistributedArithmetic {
        set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    }
    let n_out = *extents.last().expect("a matrix has axes");
    let shape = |extents: &[usize]| Shape::new(extents).or_else(|e| malformed(layer, &e.to_string()));
    let stored = Stored { weight: "weight", slot: Slot::Weight, shape: shape(&extents)? };
    cx.store(&mut spec, layer, stored, |tensor| match strategy.shares_multipliers() && !depthwise {
        true => transposed(tensor.values(), n_out),
        false => tensor.values().to_vec(),
    })?;
    let stored = Stored { weight: "bias", slot: Slot::Bias, shape: shape(&[n_out])? };
    cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    cx.add(layer, spec)
}

/// `[n_out, n_in]` as `[n_in, n_out]`.
pub(super) fn transposed(values: &[f64], n_out: usize) -> Vec<f64> {
    let n_in = values.len() / n_out;
    (0..n_in).flat_map(|i| (0..n_out).map(move |j| values[j * n_in + i])).collect()
}
