//! Recurrent layers.

use hls4rs_ir::ops::{Cell, Curve, Recurrent};
use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::sums::stride;
use super::{Context, accum, constant, constant_or_zeros, types};

/// The call of the typed function.
pub(super) fn value(cx: &Context<'_>, id: NodeId, layer: &Recurrent) -> TokenStream {
    let node = cx.node(id);
    let x = cx.reference(node.inputs[0]);
    let (weight, recurrent_weight) =
        (constant(cx, id, Slot::Weight), constant(cx, id, Slot::RecurrentWeight));
    let columns = layer.columns();
    let bias = constant_or_zeros(cx, id, Slot::Bias, columns);
    let recurrent_bias = constant_or_zeros(cx, id, Slot::RecurrentBias, columns);
    let states = states(cx, id, layer);
    let activation = curve(cx, id, layer.activation, Slot::Table);
    let gates = layer.gates().map_or_else(
        || quote!(layers::recurrent::curve::Linear),
        |gates| curve(cx, id, gates, Slot::RecurrentTable),
    );
    let accum = accum(cx, id);
    let state_stride = layer.recurrent_multiplications().stride(node.strategy, layer.recurrent_reuse_factor);
    let strides = [stride(cx, id), state_stride].map(Literal::usize_unsuffixed);
    let sequence = sequence(cx, id, layer);
    let (function, options) = match layer.cell {
        Cell::Simple => (quote!(simple_rnn), quote!()),
        Cell::Lstm => (quote!(lstm), quote!()),
        Cell::Gru { reset_after, order } => {
            let (update, reset) = order.update_and_reset();
            let (update, reset) = (Literal::usize_unsuffixed(update), Literal::usize_unsuffixed(reset));
            (quote!(gru), quote!(#reset_after, (#update, #reset),))
        }
    };
    quote! {
        layers::#function(
            #x,
            #states,
            &layers::recurrent::Recurrence {
                weight: #weight,
                recurrent_weight: #recurrent_weight,
                bias: #bias,
                recurrent_bias: #recurrent_bias,
            },
            (#gates, #activation),
            #accum,
            [#(#strides),*],
            (#options #sequence,),
        )
    }
}

/// The states before the first step.
fn states(cx: &Context<'_>, id: NodeId, layer: &Recurrent) -> TokenStream {
    let node = cx.node(id);
    let number = types::number(cx.resolved.facts(id).result());
    let units = Literal::usize_unsuffixed(layer.units);
    let states = (1..=layer.cell.states()).map(|n| match node.inputs.get(n) {
        Some(&input) => cx.reference(input),
        None => quote!(&layers::recurrent::zeros::<#number, #units>()),
    });
    quote!((#(#states,)*))
}

fn curve(cx: &Context<'_>, id: NodeId, curve: Curve, slot: Slot) -> TokenStream {
    let from_table = |function: TokenStream| {
        let table = constant(cx, id, slot);
        quote!(layers::recurrent::curve::#function(#table))
    };
    match curve {
        Curve::Sigmoid => from_table(quote!(sigmoid)),
        Curve::Tanh => from_table(quote!(tanh)),
        Curve::Softplus => from_table(quote!(softplus)),
        Curve::Softsign => from_table(quote!(softsign)),
        Curve::HardSigmoid => quote!(layers::recurrent::curve::HardSigmoid),
        Curve::Relu => quote!(layers::recurrent::curve::Relu),
        Curve::Linear => quote!(layers::recurrent::curve::Linear),
    }
}

fn sequence(cx: &Context<'_>, id: NodeId, layer: &Recurrent) -> TokenStream {
    let sequence = layer.sequence(&cx.node(cx.node(id).inputs[0]).shape);
    let steps = Literal::usize_unsuffixed(sequence.steps);
    let (all, backwards, restore) =
        (sequence.return_sequences, sequence.go_backwards, sequence.restore_order);
    quote! {
        fixed::sequence::Sequence {
            steps: #steps,
            return_sequences: #all,
            go_backwards: #backwards,
            restore_order: #restore,
        }
    }
}
