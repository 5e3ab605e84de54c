//! Inputs brought to scale; hls4ml does not know these layers, which are batch normalizations with other names.

use hls4rs_ir::ops::BatchNorm;
use hls4rs_ir::{Shape, Slot, Tensor};
use serde_json::Value as Json;

use super::super::attributes::{Attributes, brief};
use super::super::call::{Call, Value};
use super::normalization::axis;

/// The least deviation that Keras divides by.
const LEAST_DEVIATION: f32 = 1e-7;

/// `x · scale + offset`.
pub(super) fn rescaling(call: &mut Call<'_>) -> Option<Value> {
    let (scale, offset) = (numbers(&call.attributes, "scale", 1.0), numbers(&call.attributes, "offset", 0.0));
    let x = call.only_input()?;
    affine(call, &x, scale?, offset?)
}

/// `(x - mean) / √variance` of the last axis, or of everything.
pub(super) fn normalization(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    if attributes.flag("invert", false) {
        attributes.wrong("invert", "only false is supported");
    }
    let given = |key| attributes.has(key).then(|| numbers(attributes, key, 0.0));
    let (mean, variance) = (given("mean"), given("variance"));
    let stored =
        call.stored.variables("", ["mean", "variance"]).map(|found| found.map(|t| t.values().to_vec()));
    call.stored.variable("", 2, "count");
    let x = call.only_input()?;
    // No axis at all: one number for everything.
    let axes =
        call.attributes.value("axis").filter(|axes| axes.as_array().is_none_or(|list| !list.is_empty()));
    if axes.is_some() && axis(&call.attributes, x.shape.rank()) != Some(x.shape.rank() - 1) {
        call.attributes.wrong("axis", format!("only the last axis of {} can be normalized", x.shape));
        return None;
    }
    let [stored_mean, stored_variance] = stored;
    let (Some(mean), Some(variance)) = (mean.unwrap_or(stored_mean), variance.unwrap_or(stored_variance))
    else {
        call.attributes
            .fault("has no mean and variance, neither in its attributes nor among the stored values");
        return None;
    };
    if mean.len() != variance.len() {
        call.attributes.fault(format!("{} means for {} variances", mean.len(), variance.len()));
        return None;
    }
    let scale = variance.iter().map(|&v| f64::from(1.0 / (v as f32).sqrt().max(LEAST_DEVIATION)));
    let scale: Vec<f64> = scale.collect();
    let offset = mean.iter().zip(&scale).map(|(&mean, &scale)| f64::from(-(mean as f32) * scale as f32));
    let offset = offset.collect();
    affine(call, &x, scale, offset)
}

/// A number, or one for each channel.
fn numbers(attributes: &Attributes<'_>, key: &'static str, usual: f64) -> Option<Vec<f64>> {
    let Some(value) = attributes.value(key) else { return Some(vec![usual]) };
    let mut found = Vec::new();
    let sound = flat(value, &mut found, 0);
    if !sound || found.is_empty() {
        attributes.wrong(key, format!("expected a number, or one for each channel, found {}", brief(value)));
        return None;
    }
    Some(found)
}

/// Collects numbers from lists within each other, and from arrays as Keras 3 writes them.
fn flat(value: &Json, found: &mut Vec<f64>, depth: usize) -> bool {
    match value {
        Json::Array(list) if depth < 8 => list.iter().all(|inner| flat(inner, found, depth + 1)),
        Json::Object(map) if depth < 8 => {
            let inner = map.get("config").and_then(|config| config.get("value"));
            inner.is_some_and(|inner| flat(inner, found, depth + 1))
        }
        value => value.as_f64().filter(|v| v.is_finite()).map(|v| found.push(v)).is_some(),
    }
}

fn affine(call: &mut Call<'_>, x: &Value, scale: Vec<f64>, offset: Vec<f64>) -> Option<Value> {
    let channels = x.shape.channels();
    let mut node = call.node("BatchNormalization", BatchNorm, &[x]);
    for (slot, values) in [(Slot::Scale, scale), (Slot::Bias, offset)] {
        let all = match values.len() {
            1 => vec![values[0]; channels],
            n if n == channels => values,
            n => {
                call.attributes.fault(format!("{n} numbers for the {channels} channels of {}", x.shape));
                return None;
            }
        };
        let shape = Shape::new(&[channels]).expect("an extent of a shape");
        node.values.set(slot, Tensor::new(shape, all).expect("one for each channel"));
    }
    call.push(node)
}
