//! Layers that sum products.

use hls4rs_fixed::window::{Convolution, Window};
use hls4rs_ir::ops::Conv;
use hls4rs_ir::{NodeId, Shape, Slot, Strategy, used_weights};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::Context;
use super::{accum, constant, constant_or_zeros};

pub(super) fn dense(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let operands = operands(cx, id);
    let node = cx.node(id);
    if node.strategy == Strategy::Compressed {
        let weight = cx.resolved.facts(id).constant(Slot::Weight);
        let used = used_weights(&weight.raw, node.shape.channels());
        let (count, steps) =
            (Literal::usize_unsuffixed(used.len()), Literal::usize_unsuffixed(node.reuse_factor));
        // A place is below the number of weights, which fits.
        let places: Vec<u8> = used.into_iter().flat_map(|at| (at as u32).to_le_bytes()).collect();
        let places = Literal::byte_string(&places);
        let used = quote!(&const { layers::Constants::<fixed::Uint<32>, #count>::new(#places) });
        return quote!(layers::compressed_dense(#operands, #used, #steps));
    }
    let stride = Literal::usize_unsuffixed(stride(cx, id));
    quote!(layers::dense(#operands, #stride))
}

pub(super) fn conv(cx: &Context<'_>, id: NodeId, conv: &Conv) -> TokenStream {
    let (operands, order) = (operands(cx, id), Literal::usize_unsuffixed(stride(cx, id)));
    let geometry = conv.geometry(&cx.node(cx.node(id).inputs[0]).shape);
    let Convolution { window, channels, filters, groups } =
        geometry.expect("a resolved layer has been checked");
    let number = Literal::usize_unsuffixed;
    let [channels, filters, groups] = [channels, filters, groups].map(number);
    let Window { input, kernel, stride, dilation, before, output } = window;
    let pair = |pair: [usize; 2]| {
        let [rows, columns] = pair.map(number);
        quote!([#rows, #columns])
    };
    let [input, kernel, stride, dilation, before, output] =
        [input, kernel, stride, dilation, before, output].map(pair);
    quote! {
        layers::conv(#operands, #order, &const {
            fixed::window::Convolution {
                window: fixed::window::Window {
                    input: #input,
                    kernel: #kernel,
                    stride: #stride,
                    dilation: #dilation,
                    before: #before,
                    output: #output,
                },
                channels: #channels,
                filters: #filters,
                groups: #groups,
            }
        })
    }
}

/// Input, constants and accumulator.
fn operands(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let node = cx.node(id);
    let x = cx.reference(node.inputs[0]);
    let (weight, bias) =
        (constant(cx, id, Slot::Weight), constant_or_zeros(cx, id, Slot::Bias, node.shape.channels()));
    let accum = accum(cx, id);
    quote!(#x, #weight, #bias, #accum)
}

/// The step in which a sum takes its products.
pub(super) fn stride(cx: &Context<'_>, id: NodeId) -> usize {
    let node = cx.node(id);
    let shapes: Vec<&Shape> = node.inputs.iter().map(|&input| &cx.node(input).shape).collect();
    let multiplications = node.op.layer().multiplications(&shapes);
    multiplications.map_or(1, |m| m.stride(node.strategy, node.reuse_factor))
}
