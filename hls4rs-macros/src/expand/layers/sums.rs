//! Layers that sum products.

use hls4rs_fixed::window::{Convolution, Window};
use hls4rs_ir::ops::Conv;
use hls4rs_ir::{NodeId, Shape, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::Context;
use super::{accum, constant, constant_or_zeros};

pub(super) fn dense(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let arguments = arguments(cx, id);
    quote!(layers::dense(#arguments))
}

pub(super) fn conv(cx: &Context<'_>, id: NodeId, conv: &Conv) -> TokenStream {
    let arguments = arguments(cx, id);
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
        layers::conv(#arguments, &const {
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

/// Input, constants, accumulator and the order of the sums.
fn arguments(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let node = cx.node(id);
    let x = cx.reference(node.inputs[0]);
    let (weight, bias) =
        (constant(cx, id, Slot::Weight), constant_or_zeros(cx, id, Slot::Bias, node.shape.channels()));
    let (accum, stride) = (accum(cx, id), Literal::usize_unsuffixed(stride(cx, id)));
    quote!(#x, #weight, #bias, #accum, #stride)
}

/// The step in which a sum takes its products.
pub(super) fn stride(cx: &Context<'_>, id: NodeId) -> usize {
    let node = cx.node(id);
    let shapes: Vec<&Shape> = node.inputs.iter().map(|&input| &cx.node(input).shape).collect();
    let multiplications = node.op.layer().multiplications(&shapes);
    multiplications.map_or(1, |m| m.stride(node.strategy, node.reuse_factor))
}
