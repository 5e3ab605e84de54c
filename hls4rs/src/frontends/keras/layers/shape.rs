//! Inputs, and layers that only change shapes.

use hls4rs_ir::Shape;
use hls4rs_ir::ops::{Input, Linear, RepeatVector, Reshape, Transpose};

use super::super::call::{Call, Value};
use super::conv::channels_first;

/// An input of the network; `batch_shape` has the axis of samples in front.
pub(in super::super) fn input(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let key = if attributes.has("batch_shape") { "batch_shape" } else { "batch_input_shape" };
    attributes.ignore(&["sparse", "ragged", "optional"]);
    let list = attributes.value(key).and_then(|value| value.as_array()).filter(|list| !list.is_empty());
    let Some(list) = list else {
        attributes.wrong(key, "missing; expected a shape such as [null, 16]");
        return None;
    };
    let extents = list[1..].iter().map(|extent| extent.as_u64().and_then(|e| usize::try_from(e).ok()));
    let Some(extents) = extents.collect::<Option<Vec<_>>>() else {
        let found = serde_json::Value::Array(list.clone());
        attributes.wrong(key, format!("only the axis of samples may be of any extent, found {found}"));
        return None;
    };
    match Shape::new(&extents) {
        Ok(shape) => {
            let node = call.node("Input", Input { shape, range: None }, &[]);
            call.push(node)
        }
        Err(error) => {
            attributes.wrong(key, error.to_string());
            None
        }
    }
}

/// Where the steps of a time-distributed layer begin or end: nothing is computed.
pub(in super::super) fn step(call: &mut Call<'_>) -> Option<Value> {
    call.attributes.ignore(&["layer"]);
    let x = call.only_input()?;
    let node = call.node("TimeDistributed", Linear, &[&x]);
    call.push(node)
}

/// The same values in another shape, of which one extent may be -1.
pub(super) fn reshape(call: &mut Call<'_>) -> Option<Value> {
    let target = call.attributes.integers("target_shape");
    let x = call.only_input()?;
    let known: i64 =
        target.iter().filter(|&&extent| extent != -1).fold(1, |n, &extent| n.saturating_mul(extent));
    let elements = x.shape.elements() as i64;
    let extent = |&extent: &i64| match extent {
        -1 if known > 0 => usize::try_from(elements / known).ok(),
        extent => usize::try_from(extent).ok(),
    };
    let Some(shape) = target.iter().map(extent).collect::<Option<Vec<_>>>() else {
        call.attributes.wrong("target_shape", format!("{target:?} is not a shape of {elements} values"));
        return None;
    };
    let node = call.node("Reshape", Reshape { shape, flatten: false }, &[&x]);
    call.push(node)
}

/// All values on one axis; channels that come first are last within each position then, as in Keras.
pub(super) fn flatten(call: &mut Call<'_>) -> Option<Value> {
    let first = channels_first(&call.attributes);
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let node = call.node("Reshape", Reshape::flatten(), &[&x]);
    call.push(node)
}

/// Axes in another order; the first after the one of samples is 1 in the file.
pub(super) fn permute(call: &mut Call<'_>) -> Option<Value> {
    let dims = call.attributes.integers("dims");
    let x = call.only_input()?;
    let axes = dims.iter().map(|&dim| i32::try_from(dim).ok().filter(|&dim| dim >= 1).map(|dim| dim - 1));
    let Some(axes) = axes.collect::<Option<Vec<_>>>().filter(|axes| !axes.is_empty()) else {
        call.attributes.wrong("dims", format!("{dims:?} is not an order of the axes of {}", x.shape));
        return None;
    };
    let node = call.node("Transpose", Transpose { axes }, &[&x]);
    call.push(node)
}

/// A vector several times, one below the other.
pub(super) fn repeat_vector(call: &mut Call<'_>) -> Option<Value> {
    let n = call.attributes.size("n");
    let x = call.only_input()?;
    let node = call.node("RepeatVector", RepeatVector { n }, &[&x]);
    call.push(node)
}
