//! Calls of tensor products and layer normalization.

use hls4rs_ir::ops::{Axes, Einsum, EinsumDense, LayerNorm};
use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{accum, constant, constant_or_zeros};
use crate::expand::Context;

/// The axes as a constant.
fn geometry(axes: &Axes) -> TokenStream {
    let list = |axes: &[hls4rs_fixed::contraction::Axis]| {
        let axes = axes.iter().map(|axis| {
            let [extent, a, b] = [axis.extent, axis.a, axis.b].map(Literal::usize_unsuffixed);
            quote!(fixed::contraction::Axis { extent: #extent, a: #a, b: #b })
        });
        quote!(&[#(#axes),*])
    };
    let (outer, inner) = (list(&axes.outer), list(&axes.inner));
    quote!(const { fixed::contraction::Contraction { outer: #outer, inner: #inner } })
}

pub(super) fn einsum(cx: &Context<'_>, id: NodeId, op: &Einsum) -> TokenStream {
    let inputs = &cx.node(id).inputs;
    let (a, b) = (cx.reference(inputs[0]), cx.reference(inputs[1]));
    let shapes = [&cx.node(inputs[0]).shape, &cx.node(inputs[1]).shape];
    let geometry = geometry(&op.axes(&shapes).expect("the shapes were checked"));
    let accum = accum(cx, id);
    quote!(layers::einsum(#a, #b, #accum, #geometry))
}

pub(super) fn einsum_dense(cx: &Context<'_>, id: NodeId, op: &EinsumDense) -> TokenStream {
    let node = cx.node(id);
    let x = cx.reference(node.inputs[0]);
    let geometry = geometry(&op.axes(&cx.node(node.inputs[0]).shape).expect("the shape was checked"));
    let weight = constant(cx, id, Slot::Weight);
    let bias = constant_or_zeros(cx, id, Slot::Bias, node.shape.elements());
    let accum = accum(cx, id);
    quote!(layers::einsum_dense(#x, #weight, #bias, #accum, #geometry))
}

pub(super) fn layer_norm(cx: &Context<'_>, id: NodeId, op: &LayerNorm) -> TokenStream {
    let node = cx.node(id);
    let x = cx.reference(node.inputs[0]);
    let (scale, table) = (constant(cx, id, Slot::Scale), constant(cx, id, Slot::Table));
    let bias = constant_or_zeros(cx, id, Slot::Bias, node.shape.channels());
    let (accum, range) = (accum(cx, id), Literal::u32_unsuffixed(op.table_range_power2 as u32));
    quote!(layers::layer_norm(#x, #scale, #bias, #table, #accum, #range))
}
