//! Calls of quantizers, tables and activations with few values.

use hls4rs_ir::ops::{Quantize, QuantizedTanh, Threshold};
use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::constant;
use crate::expand::{Context, types};

/// A quantizer with the formats of its elements as a constant.
pub(super) fn quantize(cx: &Context<'_>, id: NodeId, op: &Quantize) -> TokenStream {
    let node = cx.node(id);
    let (x, facts) = (cx.reference(node.inputs[0]), cx.resolved.facts(id));
    let elements = op.formats(facts).into_iter().map(|format| match format {
        Some(format) => {
            let (width, int_bits) =
                (Literal::u32_unsuffixed(format.width), Literal::i32_unsuffixed(format.int_bits));
            let signed = format.signed;
            quote!((#width, #int_bits, #signed))
        }
        None => quote!((0, 0, true)),
    });
    let of = |input| types::number(cx.resolved.facts(input).result());
    let (from, to) = (of(node.inputs[0]), of(id));
    let rounding = Ident::new(&format!("{:?}", op.rounding), Span::call_site());
    let overflow = match op.overflow {
        hls4rs_fixed::Overflow::Wrap(_) => quote!(Wrap(0)),
        other => {
            let name = Ident::new(&format!("{other:?}"), Span::call_site());
            quote!(#name)
        }
    };
    quote! {
        layers::quantize(#x, const {
            &layers::Quantizers::new::<#from, #to>(
                &[#(#elements),*],
                fixed::Rounding::#rounding,
                fixed::Overflow::#overflow,
            )
        })
    }
}

pub(super) fn unary_lut(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let (x, table) = (cx.reference(cx.node(id).inputs[0]), constant(cx, id, Slot::Table));
    quote!(layers::unary_lut(#x, #table))
}

pub(super) fn embedding(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let (x, embeddings) = (cx.reference(cx.node(id).inputs[0]), constant(cx, id, Slot::Embeddings));
    quote!(layers::embedding(#x, #embeddings))
}

pub(super) fn quantized_tanh(cx: &Context<'_>, id: NodeId, op: &QuantizedTanh) -> TokenStream {
    let input = cx.node(id).inputs[0];
    let x = cx.reference(input);
    if !op.ternary {
        return quote!(layers::binary_tanh(#x));
    }
    let doubled = op.compared(cx.resolved.facts(input).result(), cx.resolved.graph().io()).is_some();
    quote!(layers::ternary_tanh(#x, #doubled))
}

pub(super) fn threshold(cx: &Context<'_>, id: NodeId, op: &Threshold) -> TokenStream {
    let x = cx.reference(cx.node(id).inputs[0]);
    let [upper, lower] = op.thresholds().map(|slot| constant(cx, id, slot));
    match op.ternary {
        true => quote!(layers::ternary_threshold(#x, #upper, #lower)),
        false => quote!(layers::binary_threshold(#x, #upper)),
    }
}
