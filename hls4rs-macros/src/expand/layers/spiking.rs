//! Spiking layers.

use hls4rs_ir::ops::{IntegrateAndFire, MembraneReadout, Reset, SpikeReadout};
use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::constant;
use crate::expand::{Context, types};

pub(super) fn neurons(cx: &Context<'_>, id: NodeId, op: &IntegrateAndFire) -> TokenStream {
    let (x, count) = window(cx, id);
    let (beta, threshold, membrane) = (beta(cx, id), constant(cx, id, Slot::Threshold), membrane(cx, id));
    let to_zero = op.reset_mechanism == Reset::Zero;
    quote!(layers::integrate_and_fire(#x, #count, #beta, #threshold, #membrane, #to_zero))
}

pub(super) fn spike_readout(cx: &Context<'_>, id: NodeId, op: &SpikeReadout) -> TokenStream {
    let (x, count) = window(cx, id);
    let most = Literal::usize_unsuffixed(op.most(cx.node(cx.node(id).inputs[0]).shape[0]));
    let difference = op.is_difference();
    quote!(layers::spike_readout(#x, #count, #most, #difference))
}

pub(super) fn membrane_readout(cx: &Context<'_>, id: NodeId, op: &MembraneReadout) -> TokenStream {
    let (x, count) = window(cx, id);
    let (beta, membrane, difference) = (beta(cx, id), membrane(cx, id), op.is_difference());
    quote!(layers::membrane_readout(#x, #count, #beta, #membrane, #difference))
}

/// The input and the number of neurons.
fn window(cx: &Context<'_>, id: NodeId) -> (TokenStream, Literal) {
    let input = cx.node(id).inputs[0];
    (cx.reference(input), Literal::usize_unsuffixed(cx.node(input).shape.channels()))
}

fn beta(cx: &Context<'_>, id: NodeId) -> TokenStream {
    match cx.constants.reference(id, Slot::Beta) {
        Some(beta) => quote!(::core::option::Option::Some(#beta)),
        None => quote!(::core::option::Option::None::<&layers::Constants<fixed::Uint<1>, 1>>),
    }
}

fn membrane(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let number = types::number(cx.resolved.facts(id).format(Slot::Membrane));
    quote!(layers::accum::<#number>())
}
