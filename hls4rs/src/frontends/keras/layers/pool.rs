//! Pooling.

use hls4rs_ir::ops::{GlobalPool, Pool, PoolOp, PoolPadding};

use super::super::call::{Call, Value};
use super::conv::channels_first;

fn op(class: &str) -> PoolOp {
    if class.contains("Max") { PoolOp::Max } else { PoolOp::Average }
}

/// Pooling under windows.
pub(super) fn pool(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let class = attributes.class();
    let axes = if class.ends_with("1D") { 1 } else { 2 };
    let first = channels_first(attributes);
    let pool = attributes.sizes("pool_size", axes);
    let stride = if attributes.has("strides") { attributes.sizes("strides", axes) } else { pool.clone() };
    let padding = match attributes.word("padding").to_lowercase().as_str() {
        "valid" => PoolPadding::Valid,
        "same" => PoolPadding::Same,
        other => {
            attributes.wrong("padding", format!("expected valid or same, found {other}"));
            PoolPadding::Valid
        }
    };
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let op = Pool { pool, stride, padding, ..Pool::new(op(class), axes == 2) };
    let node = call.node(&format!("Pooling{axes}D"), op, &[&x]);
    let y = call.push(node)?;
    call.channels_back(y, first)
}

/// Pooling over all positions.
pub(super) fn global(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let class = attributes.class();
    let axes = if class.ends_with("1D") { 1 } else { 2 };
    let (first, keepdims) = (channels_first(attributes), attributes.flag("keepdims", false));
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let node = call.node(&format!("GlobalPooling{axes}D"), GlobalPool { op: op(class), keepdims }, &[&x]);
    let y = call.push(node)?;
    call.channels_back(y, first && keepdims)
}
