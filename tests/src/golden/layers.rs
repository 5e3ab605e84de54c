//! From one layer of hls4ml's table to a node.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{NodeSpec, Precision, Shape, Slot};

use super::build::{Assembly, Stored, Unbuilt, not_yet};
use super::case::Layer;
use crate::Error;
use crate::ops::{make, number, size, word};

mod data;
mod garnet;
mod lookup;
mod products;
mod recurrent;
mod sums;

/// What a layer needs that does not exist here, in words.
pub(super) fn missing(layer: &Layer) -> Option<String> {
    let float = layer.types_cpp.values().filter_map(|t| t.kind.as_deref()).find(|k| k.contains("float"));
    if let Some(kind) = float {
        return Some(format!("types of kind {kind}"));
    }
    let class = layer.class_name.as_str();
    let activation = layer.word("activation").unwrap_or("linear").to_lowercase();
    match class {
        "Input" | "Dense" | "BatchNormalization" | "ApplyAlpha" | "PReLU" | "HardActivation" | "Softmax"
        | "Reshape" | "Merge" | "Concatenate" | "Clone" | "Repack" => None,
        "Conv1D" | "Conv2D" | "Conv2DBatchnorm" | "PointwiseConv1D" | "PointwiseConv2D"
        | "DepthwiseConv1D" | "DepthwiseConv2D" => None,
        "LSTM" | "GRU" | "Bidirectional" | "TimeDistributed" | "GarNet" => None,
        "Einsum" | "EinsumDense" | "LayerNormalization" => None,
        "FixedPointQuantizer" | "UnaryLUT" | "Embedding" | "BatchNormalizationQuantizedTanh" => None,
        "Activation" | "ParametrizedActivation" if keyword(&activation).is_some() => None,
        "Activation" | "ParametrizedActivation" => Some(format!("activation {activation}")),
        _ if data::CLASSES.contains(&class) => None,
        other => Some(format!("layer {other}")),
    }
}

/// The keyword of an activation by hls4ml's name for it.
fn keyword(activation: &str) -> Option<&'static str> {
    Some(match activation {
        "linear" => "linear",
        "relu" | "relu1" | "relu6" => "relu",
        "sigmoid" => "sigmoid",
        "tanh" => "tanh",
        "softplus" => "softplus",
        "softsign" => "softsign",
        "selu" => "selu",
        "elu" => "elu",
        "leaky_relu" | "leakyrelu" => "leaky_relu",
        "thresholded_relu" | "thresholdedrelu" => "thresholded_relu",
        "binary_tanh" => "binary_tanh",
        "ternary_tanh" => "ternary_tanh",
        _ => return None,
    })
}

/// Adds the node that a layer becomes.
///
/// # Errors
/// What is not there yet, or what is wrong.
pub(super) fn add(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    match layer.class_name.as_str() {
        "Dense" => sums::dense(cx, layer),
        "Conv1D" | "Conv2D" | "Conv2DBatchnorm" | "PointwiseConv1D" | "PointwiseConv2D"
        | "DepthwiseConv1D" | "DepthwiseConv2D" => sums::conv(cx, layer),
        "BatchNormalization" | "ApplyAlpha" => affine(cx, layer),
        "Activation" => activation(cx, layer),
        "ParametrizedActivation" => parametrized(cx, layer),
        "PReLU" => prelu(cx, layer),
        "HardActivation" => hard(cx, layer),
        "Softmax" => softmax(cx, layer),
        "Reshape" | "Repack" => reshape(cx, layer),
        "Merge" => merge(cx, layer),
        "Concatenate" => concatenate(cx, layer),
        "Einsum" => products::einsum(cx, layer),
        "LayerNormalization" => products::layer_norm(cx, layer),
        "EinsumDense" => products::einsum_dense(cx, layer),
        "FixedPointQuantizer" => lookup::quantizer(cx, layer),
        "UnaryLUT" => lookup::unary_lut(cx, layer),
        "Embedding" => lookup::embedding(cx, layer),
        "BatchNormalizationQuantizedTanh" => lookup::threshold(cx, layer),
        "LSTM" | "GRU" => recurrent::recurrent(cx, layer),
        "Bidirectional" => recurrent::bidirectional(cx, layer),
        "GarNet" => garnet::garnet(cx, layer),
        "TimeDistributed" => cx.time_distributed(layer),
        "Clone" => {
            let (id, format) = cx.source(layer, 0)?;
            if cx.format(layer, "result_t")? != format {
                return simple(cx, layer, "linear", &[]);
            }
            cx.define(layer, id, format);
            Ok(())
        }
        class if data::CLASSES.contains(&class) => data::add(cx, layer),
        other => not_yet(format!("layer {other}")),
    }
}

fn op(keyword: &str, attrs: &[(&str, AttrValue)]) -> Result<hls4rs_ir::Op, Unbuilt> {
    make(keyword, attrs).map_err(Unbuilt::NotYet)
}

/// A layer of one input that needs no more than attributes.
fn simple(
    cx: &mut Assembly<'_>,
    layer: &Layer,
    keyword: &str,
    attrs: &[(&str, AttrValue)],
) -> Result<(), Unbuilt> {
    let spec = cx.spec(layer, op(keyword, attrs)?, 1)?;
    cx.add(layer, spec)
}

fn malformed<T>(layer: &Layer, reason: &str) -> Result<T, Unbuilt> {
    Err(Error::malformed(format!("layer {}", layer.name), reason).into())
}

fn set(spec: &mut NodeSpec, slot: Slot, format: Format) {
    spec.precision.set(slot, Precision::MayWrap(format));
}

/// Batch normalization with its statistics folded into a factor and an offset.
fn affine(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let shape = cx.source_shape(layer, 0)?;
    let row = match layer.number("n_filt") {
        Some(n) if n > 0.0 => Shape::new(&[n as usize]).or_else(|e| malformed(layer, &e.to_string()))?,
        _ => shape,
    };
    let mut spec = cx.spec(layer, op("batch_norm", &[])?, 1)?;
    for (weight, slot) in [("scale", Slot::Scale), ("bias", Slot::Bias)] {
        let stored = Stored { weight, slot, shape: row.clone() };
        cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    }
    cx.add(layer, spec)
}

fn activation(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let name = layer.word("activation").unwrap_or("linear").to_lowercase();
    let Some(keyword) = keyword(&name) else { return not_yet(format!("activation {name}")) };
    match name.as_str() {
        "relu1" => return simple(cx, layer, keyword, &[("max", number(1))]),
        "relu6" => return simple(cx, layer, keyword, &[("max", number(6))]),
        "linear" | "relu" | "binary_tanh" | "ternary_tanh" => return simple(cx, layer, keyword, &[]),
        _ => {}
    }
    let mut spec = cx.spec(layer, op(keyword, &[("table_size", size(table_size(layer)))])?, 1)?;
    set(&mut spec, Slot::Table, cx.format(layer, "table_t")?);
    cx.add(layer, spec)
}

fn table_size(layer: &Layer) -> usize {
    sized(layer, "table_size").unwrap_or(1024)
}

/// A size that may be written as text.
fn sized(layer: &Layer, name: &str) -> Option<usize> {
    layer.size(name).or_else(|| layer.word(name)?.parse().ok())
}

fn parametrized(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let name = layer.word("activation").unwrap_or_default().to_lowercase();
    let Some(keyword) = keyword(&name) else { return not_yet(format!("activation {name}")) };
    let alpha = number(layer.number("activ_param").unwrap_or(1.0));
    let mut attrs = vec![(if keyword == "thresholded_relu" { "theta" } else { "alpha" }, alpha)];
    if keyword == "elu" {
        attrs.push(("table_size", size(table_size(layer))));
    }
    let mut spec = cx.spec(layer, op(keyword, &attrs)?, 1)?;
    set(&mut spec, Slot::Alpha, cx.format(layer, "param_t")?);
    if keyword == "elu" {
        set(&mut spec, Slot::Table, cx.format(layer, "table_t")?);
    }
    cx.add(layer, spec)
}

fn prelu(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let shape = cx.source_shape(layer, 0)?;
    let mut spec = cx.spec(layer, op("prelu", &[])?, 1)?;
    let stored = Stored { weight: "param", slot: Slot::Alpha, shape };
    cx.store(&mut spec, layer, stored, |tensor| tensor.values().to_vec())?;
    cx.add(layer, spec)
}

fn hard(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let keyword = match layer.word("activation") {
        Some("hard_sigmoid") => "hard_sigmoid",
        Some("hard_tanh") => "hard_tanh",
        other => return not_yet(format!("activation {}", other.unwrap_or_default())),
    };
    let attr = |name, usual| number(layer.number(name).unwrap_or(usual));
    let attrs = [("slope", attr("slope", 0.2)), ("shift", attr("shift", 0.5))];
    let mut spec = cx.spec(layer, op(keyword, &attrs)?, 1)?;
    set(&mut spec, Slot::Slope, cx.format(layer, "slope_t")?);
    set(&mut spec, Slot::Shift, cx.format(layer, "shift_t")?);
    cx.add(layer, spec)
}

fn softmax(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    if layer.size("n_inner").is_some_and(|n| n > 1) {
        return not_yet("softmax along another axis than the last");
    }
    let row = layer.size("n_in").zip(layer.size("n_outer")).map(|(all, rows)| all / rows.max(1));
    if row.is_some_and(|row| cx.shape(layer).is_ok_and(|shape| shape.last().is_some_and(|&n| n < row))) {
        return not_yet("softmax along several axes");
    }
    let (_, x) = cx.source(layer, 0)?;
    let implementation = layer.word("implementation").unwrap_or("stable");
    let stable = implementation == "stable";
    let legacy = implementation == "legacy";
    // hls4ml hands neither format nor size of the table to a legacy softmax in a stream.
    let usual = if legacy && cx.streams() { 1024 } else { table_size(layer) };
    let inv_size = sized(layer, "inv_table_size").unwrap_or(usual);
    let mut exp_size = sized(layer, "exp_table_size").unwrap_or(usual);
    let norm = cx.optional_format(layer, "inp_norm_t")?;
    let sign = u32::from(x.signed);
    if stable && norm.is_none() && x.signed {
        exp_size = (inv_size as u64).min(1 << (x.width - sign).min(40)) as usize;
    }
    let attrs = [
        ("implementation", word(implementation)),
        ("exp_table_size", size(exp_size)),
        ("inv_table_size", size(inv_size)),
        ("exp_scale", number(layer.number("exp_scale").unwrap_or(1.0))),
    ];
    let mut spec = cx.spec(layer, op("softmax", &attrs)?, 1)?;
    if legacy {
        set(&mut spec, Slot::Table, Format::fixed(18, 8));
    } else {
        for (slot, name) in [
            (Slot::ExpTable, "exp_table_t"),
            (Slot::InvTable, "inv_table_t"),
            (Slot::InvInput, "inv_inp_t"),
            (Slot::Accum, "accum_t"),
        ] {
            set(&mut spec, slot, cx.format(layer, name)?);
        }
        if stable {
            let usual = Format::ufixed(x.width - sign, x.int_bits - sign as i32);
            set(&mut spec, Slot::InputNorm, norm.unwrap_or(usual));
        }
    }
    cx.add(layer, spec)
}

fn reshape(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let shape = cx.shape(layer)?;
    let extents = shape.iter().map(|&extent| extent as f64).collect();
    simple(cx, layer, "reshape", &[("shape", AttrValue::List(extents))])
}

fn merge(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let name = layer.word("op").unwrap_or_default().to_lowercase();
    if !["add", "subtract", "multiply", "average", "maximum", "minimum"].contains(&name.as_str()) {
        return not_yet(format!("merge {name}"));
    }
    let spec = cx.spec(layer, op(&name, &[])?, layer.inputs.len())?;
    cx.add(layer, spec)
}

fn concatenate(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    // Positive axes count the sample axis.
    let axis = match layer.number("axis") {
        Some(axis) if axis > 0.0 => axis - 1.0,
        axis => axis.unwrap_or(-1.0),
    };
    let spec = cx.spec(layer, op("concatenate", &[("axis", number(axis))])?, layer.inputs.len())?;
    cx.add(layer, spec)
}
