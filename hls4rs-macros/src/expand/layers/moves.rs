//! Layers that move values: a view, then a cast.

use hls4rs_fixed::view::{Axis, Rule};
use hls4rs_ir::NodeId;
use hls4rs_ir::ops::{Merge, MergeOp, Move};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;

/// A layer that moves values.
pub(super) fn moved(cx: &Context<'_>, id: NodeId, layer: &impl Move) -> TokenStream {
    let input = cx.node(id).inputs[0];
    let view = view(&cx.reference(input), &layer.axes(&cx.node(input).shape));
    quote!(layers::linear(&#view))
}

/// Two tensors joined; one that is smaller is spread over the result first.
pub(super) fn merge(cx: &Context<'_>, id: NodeId, merge: &Merge) -> TokenStream {
    let node = cx.node(id);
    let function = match merge.op {
        MergeOp::Add => quote!(add),
        MergeOp::Subtract => quote!(subtract),
        MergeOp::Multiply => quote!(multiply),
        MergeOp::Average => quote!(average),
        MergeOp::Maximum => quote!(maximum),
        MergeOp::Minimum => quote!(minimum),
    };
    let operand = |n: usize| {
        let (input, x) = (cx.node(node.inputs[n]), cx.reference(node.inputs[n]));
        Merge::spread(&input.shape, &node.shape).map_or(x.clone(), |axes| {
            let view = view(&x, &axes);
            quote!(&#view)
        })
    };
    let (a, b) = (operand(0), operand(1));
    quote!(layers::#function(#a, #b))
}

/// The elements of `x` in other places.
pub(super) fn view(x: &TokenStream, axes: &[Axis]) -> TokenStream {
    let axes = axes.iter().map(axis);
    quote!(layers::view(#x, &[#(#axes),*]))
}

/// The same with its number of elements, where nothing else says it.
pub(super) fn sized_view(x: &TokenStream, axes: &[Axis]) -> TokenStream {
    let elements = Literal::usize_unsuffixed(hls4rs_fixed::view::len(axes));
    let axes = axes.iter().map(axis);
    quote!(layers::view::<_, _, #elements, _>(#x, &[#(#axes),*]))
}

fn axis(axis: &Axis) -> TokenStream {
    let number = Literal::usize_unsuffixed;
    let (input, output, stride) = (number(axis.input), number(axis.output), number(axis.stride));
    match axis.rule {
        Rule::Padded(before) => {
            let before = number(before);
            quote!(fixed::view::Axis::padded(#input, #stride, #before, #output))
        }
        Rule::Cropped(0) if axis.stride == 0 => quote!(fixed::view::Axis::repeated(#output)),
        Rule::Cropped(0) if axis.input == axis.output => quote!(fixed::view::Axis::kept(#output, #stride)),
        Rule::Cropped(before) => {
            let before = number(before);
            quote!(fixed::view::Axis::cropped(#input, #stride, #before, #output))
        }
        Rule::Nearest => quote!(fixed::view::Axis::nearest(#input, #stride, #output)),
    }
}
