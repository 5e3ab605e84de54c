//! Images and sequences that grow or shrink.

use hls4rs_ir::Op;
use hls4rs_ir::ops::{Cropping, Resize, ResizeBy, ZeroPadding};

use super::super::call::{Call, Value};
use super::conv::channels_first;

fn axes(call: &Call<'_>) -> usize {
    if call.attributes.class().ends_with("1D") { 1 } else { 2 }
}

pub(super) fn zero_padding(call: &mut Call<'_>) -> Option<Value> {
    let axes = axes(call);
    let pad = call.attributes.margins("padding", axes);
    moved(call, &format!("ZeroPadding{axes}D"), ZeroPadding { image: axes == 2, pad })
}

pub(super) fn cropping(call: &mut Call<'_>) -> Option<Value> {
    let axes = axes(call);
    let crop = call.attributes.margins("cropping", axes);
    moved(call, &format!("Cropping{axes}D"), Cropping { image: axes == 2, crop })
}

/// Every position several times; hls4ml does that for every `interpolation`, which here is an error.
pub(super) fn upsampling(call: &mut Call<'_>) -> Option<Value> {
    let axes = axes(call);
    call.attributes.only("interpolation", &"nearest".into());
    let by = if axes == 1 { ResizeBy::Factor1d } else { ResizeBy::Factor2d };
    let sizes = call.attributes.sizes("size", axes);
    moved(call, "Resize", Resize { by, sizes })
}

fn moved(call: &mut Call<'_>, class: &str, op: impl Into<Op>) -> Option<Value> {
    let first = channels_first(&call.attributes);
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let node = call.node(class, op, &[&x]);
    let y = call.push(node)?;
    call.channels_back(y, first)
}
