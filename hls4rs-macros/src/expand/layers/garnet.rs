//! Graph layers.

use hls4rs_fixed::Format;
use hls4rs_ir::ops::{Collapse, Garnet};
use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Context, constant, constant_or_zeros, types};

/// The call of the typed function.
pub(super) fn value(cx: &Context<'_>, id: NodeId, layer: &Garnet) -> TokenStream {
    let inputs = &cx.node(id).inputs;
    let (x, count) = (cx.reference(inputs[0]), cx.reference(inputs[1]));
    let sizes = layer.sizes(&cx.node(inputs[0]).shape);
    let (weight, distance_weight) = (constant(cx, id, Slot::Weight), constant(cx, id, Slot::DistanceWeight));
    let transform_bias = constant_or_zeros(cx, id, Slot::TransformBias, sizes.units * sizes.aggregators);
    let distance_bias = constant_or_zeros(cx, id, Slot::DistanceBias, sizes.aggregators);
    let bias = constant_or_zeros(cx, id, Slot::Bias, sizes.units);
    let table = constant(cx, id, Slot::Table);
    let norm = constant_or_zeros(cx, id, Slot::Norm, 1);
    let formats = &cx.resolved.facts(id).formats;
    let number = |slot| types::number(formats.get(slot).copied().unwrap_or(Format::uint(1)));
    let (distance, edge_accum) = (number(Slot::Distance), number(Slot::EdgeAccum));
    let (accum, scaled_bias) = (number(Slot::Accum), number(Slot::ScaledBias));
    let at_once = Literal::usize_unsuffixed(sizes.at_once);
    let (mean, mean_by_nvert) = (layer.collapse == Collapse::Mean, layer.mean_by_nvert);
    quote! {
        layers::garnet(
            #x,
            #count,
            &layers::GarnetConstants {
                weight: #weight,
                transform_bias: #transform_bias,
                distance_weight: #distance_weight,
                distance_bias: #distance_bias,
                bias: #bias,
                table: #table,
                norm: #norm,
            },
            layers::GarnetTypes::<#distance, #edge_accum, #accum, #scaled_bias>::new(),
            #at_once,
            [#mean, #mean_by_nvert],
        )
    }
}
