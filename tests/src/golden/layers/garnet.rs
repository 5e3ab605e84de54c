//! Graph layers.

use hls4rs_fixed::Format;
use hls4rs_ir::{Shape, Slot};
use serde_json::Value;

use super::{malformed, op, set};
use crate::golden::build::{Assembly, Stored, Unbuilt, not_yet};
use crate::golden::case::Layer;
use crate::ops::{size, word};

/// The layer with the formats that hls4ml gives to what its table does not tell.
pub(super) fn garnet(cx: &mut Assembly<'_>, layer: &Layer) -> Result<(), Unbuilt> {
    let sizes = ["n_vertices", "n_in_features", "n_aggregators", "n_out_features", "reuse_factor"];
    let sizes: Option<Vec<usize>> = sizes.iter().map(|name| layer.size(name)).collect();
    let Some([vertices, features, aggregators, units, reuse_factor]) = sizes.as_deref() else {
        return malformed(layer, "no sizes");
    };
    let collapse = match layer.word("collapse") {
        None => "none",
        Some("mean") => "mean",
        Some(other) => return not_yet(format!("collapse {other}")),
    };
    let mean_by_nvert = layer.attributes.get("mean_by_nvert").and_then(Value::as_bool) == Some(true);
    let attrs = [
        ("units", size(*units)),
        ("aggregators", size(*aggregators)),
        ("collapse", word(collapse)),
        ("mean_by_nvert", word(if mean_by_nvert { "true" } else { "false" })),
        ("parallelization_factor", size(vertices / reuse_factor)),
    ];
    let mut spec = cx.spec(layer, op("garnet", &attrs)?, 2)?;
    let (all, rounds) = (vertices.ilog2() as i32, reuse_factor.ilog2() as i32);
    let int_bits = rounds.max(all - rounds);
    for (slot, name, usual) in [
        (Slot::Table, "edge_weight", Format::ufixed(10, 0)),
        (Slot::EdgeAccum, "edge_weight_aggr", Format::ufixed(int_bits as u32 + 10, int_bits)),
        (Slot::Accum, "aggr", Format::fixed(int_bits as u32 + 13, int_bits + 3)),
        (Slot::Norm, "norm", Format::ufixed(14, 4)),
    ] {
        if slot != Slot::Norm || mean_by_nvert {
            // What the configuration says of the layer as a whole is for these, too.
            let asked = precision(layer, name)?.or(precision(layer, "default")?);
            set(&mut spec, slot, asked.unwrap_or(usual));
        }
    }
    if collapse == "mean" && !mean_by_nvert {
        set(&mut spec, Slot::ScaledBias, cx.format(layer, "output_transform_biases_t")?);
    }
    let (units, aggregators, features) = (*units, *aggregators, *features);
    for (weight, slot, extents) in [
        ("input_transform_weights", Slot::Weight, &[units, aggregators, features][..]),
        ("input_transform_biases", Slot::TransformBias, &[units, aggregators]),
        ("aggregator_distance_weights", Slot::DistanceWeight, &[aggregators, features]),
        ("aggregator_distance_biases", Slot::DistanceBias, &[aggregators]),
        ("output_transform_biases", Slot::Bias, &[units]),
    ] {
        let shape = Shape::new(extents).or_else(|e| malformed(layer, &e.to_string()))?;
        cx.store(&mut spec, layer, Stored { weight, slot, shape }, |tensor| tensor.values().to_vec())?;
    }
    cx.add(layer, spec)
}

/// A format that the configuration gives.
fn precision(layer: &Layer, name: &str) -> Result<Option<Format>, Unbuilt> {
    let text = layer.attributes.get("precision").and_then(|all| all.get(name)).and_then(Value::as_str);
    match text.map(str::parse) {
        None => Ok(None),
        Some(Ok(format)) => Ok(Some(format)),
        Some(Err(_)) => not_yet(format!("type {}", text.unwrap_or_default())),
    }
}
