//! Pooling, layers that move values, scalar products.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{NodeId, NodeSpec, Slot};

use super::{malformed, op, set, simple};
use crate::golden::build::{Assembly, Unbuilt, not_yet};
use crate::golden::case::Layer;
use crate::ops::word;

/// The layers that are built here.
pub(super) const CLASSES: &[&str] = &[
    "Pooling1D",
    "Pooling2D",
    "GlobalPooling1D",
    "GlobalPooling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "Cropping1D",
    "Cropping2D",
    "Resize",
    "Transpose",
    "Broadcast",
    "RepeatVector",
    "Dot",
];

/// Adds the node that a layer becomes.
///
/// # Errors
/// What is not there yet, or what is wrong.
pub(super) fn add(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    match layer.class_name.as_str() {
        "Pooling1D" => pool(cx, layer, "1d"),
        "Pooling2D" => pool(cx, layer, "2d"),
        "GlobalPooling1D" | "GlobalPooling2D" => global(cx, layer),
        "ZeroPadding1D" => checked(cx, layer, "zero_padding1d", "pad", &["pad_left", "pad_right"]),
        "ZeroPadding2D" => {
            let sides = ["pad_top", "pad_bottom", "pad_left", "pad_right"];
            checked(cx, layer, "zero_padding2d", "pad", &sides)
        }
        "Cropping1D" => checked(cx, layer, "cropping1d", "crop", &["crop_left", "crop_right"]),
        "Cropping2D" => {
            let sides = ["crop_top", "crop_bottom", "crop_left", "crop_right"];
            checked(cx, layer, "cropping2d", "crop", &sides)
        }
        "Resize" => resize(cx, layer),
        "Transpose" => transpose(cx, layer),
        "Broadcast" => {
            let shape = cx.shape(layer)?;
            simple(cx, layer, "broadcast", &[("shape", list(&shape))])
        }
        "RepeatVector" => {
            let shape = cx.shape(layer)?;
            simple(cx, layer, "repeat_vector", &[("n", AttrValue::Number(shape[0] as f64))])
        }
        "Dot" => {
            let mut spec = cx.spec(layer, op("dot", &[])?, 2)?;
            set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
            cx.add(layer, spec)
        }
        other => not_yet(format!("layer {other}")),
    }
}

fn list(values: &[usize]) -> AttrValue {
    AttrValue::List(values.iter().map(|&v| v as f64).collect())
}

/// Sizes by their names.
fn sizes(layer: &Layer, names: &[&str]) -> Result<Vec<usize>, Unbuilt> {
    let size = |name: &&str| match layer.size(name) {
        Some(size) => Ok(size),
        None => malformed(layer, &format!("no {name}")),
    };
    names.iter().map(size).collect()
}

/// Adds a node whose shape must be the one that was recorded.
fn add_checked(cx: &mut Assembly<'_>, layer: &Layer, spec: NodeSpec) -> Result<(), Unbuilt> {
    let shapes: Vec<_> =
        (0..spec.inputs.len()).map(|n| cx.source_shape(layer, n)).collect::<Result<_, _>>()?;
    let shapes: Vec<_> = shapes.iter().collect();
    let (found, expected) = (spec.op.layer().shape(&shapes), cx.shape(layer)?);
    if found.as_ref().ok() != Some(&expected) {
        return malformed(layer, &format!("expected the shape {expected}, found {found:?}"));
    }
    cx.add(layer, spec)
}

fn checked(
    cx: &mut Assembly<'_>,
    layer: &Layer,
    keyword: &str,
    attr: &str,
    names: &[&str],
) -> Result<(), Unbuilt> {
    let attrs = [(attr, list(&sizes(layer, names)?))];
    let mut spec = cx.spec(layer, op(keyword, &attrs)?, 1)?;
    if layer.word("data_format") != Some("channels_first") {
        return add_checked(cx, layer, spec);
    }
    // The channels go last and come back.
    let (_, x) = cx.source(layer, 0)?;
    let y = cx.format(layer, "result_t")?;
    let rank = cx.shape(layer)?.rank();
    let back: Vec<_> = std::iter::once(rank - 1).chain(0..rank - 1).collect();
    let last: Vec<_> = (1..rank).chain([0]).collect();
    spec.inputs = vec![transposed(cx, layer, &last, &spec.inputs, x)?];
    let id = cx.add_extra(spec);
    let id = transposed(cx, layer, &back, &[id], y)?;
    cx.define(layer, id, y);
    Ok(())
}

/// A node that no layer of the table stands for.
fn transposed(
    cx: &mut Assembly<'_>,
    layer: &Layer,
    axes: &[usize],
    inputs: &[NodeId],
    format: Format,
) -> Result<NodeId, Unbuilt> {
    let name = cx.name(&format!("{} transposed", layer.name));
    let mut spec = NodeSpec::new(name, op("transpose", &[("axes", list(axes))])?, inputs);
    set(&mut spec, Slot::Result, format);
    Ok(cx.add_extra(spec))
}

fn keyword_of(layer: &Layer, maximum: &'static str, mean: &'static str) -> Result<&'static str, Unbuilt> {
    match layer.word("pool_op") {
        Some("Max") => Ok(maximum),
        Some("Average") => Ok(mean),
        other => not_yet(format!("pooling {}", other.unwrap_or_default())),
    }
}

fn pool(cx: &mut Assembly<'_>, layer: &Layer, dims: &str) -> Result<(), Unbuilt> {
    let (maximum, mean) = match dims {
        "1d" => ("max_pool1d", "avg_pool1d"),
        _ => ("max_pool2d", "avg_pool2d"),
    };
    let keyword = keyword_of(layer, maximum, mean)?;
    let names: [&[&str]; 3] = match dims {
        "1d" => [&["pool_width"], &["stride_width"], &["pad_left", "pad_right"]],
        _ => [
            &["pool_height", "pool_width"],
            &["stride_height", "stride_width"],
            &["pad_top", "pad_bottom", "pad_left", "pad_right"],
        ],
    };
    let [pool, stride, pad] = names.map(|names| sizes(layer, names));
    let mut attrs = vec![("pool", list(&pool?)), ("stride", list(&stride?)), ("pad", list(&pad?))];
    if keyword == mean {
        let counts = layer.attributes.get("count_pad").and_then(serde_json::Value::as_bool);
        attrs.push(("count_pad", word(if counts == Some(true) { "true" } else { "false" })));
    }
    let mut spec = cx.spec(layer, op(keyword, &attrs)?, 1)?;
    set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    add_checked(cx, layer, spec)
}

fn global(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let keyword = keyword_of(layer, "global_max_pool", "global_avg_pool")?;
    let keepdims = if cx.shape(layer)?.rank() > 1 { "true" } else { "false" };
    let mut spec = cx.spec(layer, op(keyword, &[("keepdims", word(keepdims))])?, 1)?;
    set(&mut spec, Slot::Accum, cx.format(layer, "accum_t")?);
    add_checked(cx, layer, spec)
}

fn resize(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    if layer.word("algorithm").is_some_and(|algorithm| algorithm != "nearest") {
        return not_yet("resize other than nearest");
    }
    let (from, to) = (cx.source_shape(layer, 0)?, cx.shape(layer)?);
    let (keyword, attr) = match (&from[..], &to[..]) {
        (&[w, _], &[columns, _]) if columns % w == 0 => ("upsample1d", ("factor", list(&[columns / w]))),
        (&[_, _, _], &[rows, columns, _]) => ("resize2d", ("size", list(&[rows, columns]))),
        _ => return not_yet("resize of a sequence by a fraction"),
    };
    let spec = cx.spec(layer, op(keyword, &[attr])?, 1)?;
    add_checked(cx, layer, spec)
}

fn transpose(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let perm = layer.attributes.get("perm").and_then(serde_json::Value::as_array);
    let Some(perm) = perm else { return malformed(layer, "no perm") };
    let axes = perm.iter().map(|axis| axis.as_f64().unwrap_or(-1.0)).collect();
    let spec = cx.spec(layer, op("transpose", &[("axes", AttrValue::List(axes))])?, 1)?;
    add_checked(cx, layer, spec)
}
