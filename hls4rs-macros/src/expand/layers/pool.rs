//! Pooling.

use hls4rs_fixed::window::{Order, Window};
use hls4rs_ir::NodeId;
use hls4rs_ir::ops::{GlobalPool, Pool, PoolOp, pool_order};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Context, accum};

/// Pooling over windows.
pub(super) fn pool(cx: &Context<'_>, id: NodeId, pool: &Pool) -> TokenStream {
    let x = &cx.node(cx.node(id).inputs[0]).shape;
    let window = pool.window(x).expect("the shape was checked");
    call(cx, id, pool.op, &window, pool.count_pad, pool_order(cx.resolved.graph().io()))
}

/// Pooling over all positions.
pub(super) fn global(cx: &Context<'_>, id: NodeId, pool: &GlobalPool) -> TokenStream {
    let window = GlobalPool::window(&cx.node(cx.node(id).inputs[0]).shape);
    call(cx, id, pool.op, &window, false, GlobalPool::order(cx.resolved.graph().io()))
}

fn call(
    cx: &Context<'_>,
    id: NodeId,
    op: PoolOp,
    window: &Window,
    count_pad: bool,
    order: Order,
) -> TokenStream {
    let (x, accum, window) = (cx.reference(cx.node(id).inputs[0]), accum(cx, id), literal(window));
    let order = match order {
        Order::Direct => quote!(fixed::window::Order::Direct),
        Order::Running => quote!(fixed::window::Order::Running),
        Order::Tree => quote!(fixed::window::Order::Tree),
    };
    match op {
        PoolOp::Max => quote!(layers::max_pool(#x, #accum, &#window, #order)),
        PoolOp::Average => quote!(layers::avg_pool(#x, #accum, &#window, #count_pad, #order)),
    }
}

/// A window as an expression.
fn literal(window: &Window) -> TokenStream {
    let pair = |[rows, columns]: [usize; 2]| {
        let (rows, columns) = (Literal::usize_unsuffixed(rows), Literal::usize_unsuffixed(columns));
        quote!([#rows, #columns])
    };
    let Window { input, kernel, stride, dilation, before, output } = *window;
    let (input, kernel, stride) = (pair(input), pair(kernel), pair(stride));
    let (dilation, before, output) = (pair(dilation), pair(before), pair(output));
    quote! {
        fixed::window::Window {
            input: #input,
            kernel: #kernel,
            stride: #stride,
            dilation: #dilation,
            before: #before,
            output: #output,
        }
    }
}
