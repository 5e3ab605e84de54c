//! Calls of layers of one's own.

use hls4rs_ir::{NodeId, Slot};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::constant;
use crate::expand::{Context, own_function, types};

pub(super) fn value(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let (node, facts) = (cx.node(id), cx.resolved.facts(id));
    let function = own_function(&node.name);
    let port = |id: NodeId| {
        let extents = cx.node(id).shape.iter().map(|&extent| Literal::usize_unsuffixed(extent));
        let format = format(cx, id, Slot::Result);
        quote!(layers::custom::Port { shape: &[#(#extents),*], format: #format })
    };
    let (inputs, result) = (node.inputs.iter().map(|&input| port(input)), port(id));
    let formats = facts.formats.iter().map(|(slot, _)| {
        let (name, format) = (slot.name(), format(cx, id, slot));
        quote!((#name, #format))
    });
    let values = facts.constants.iter().map(|(slot, _)| {
        let (name, values) = (slot.name(), constant(cx, id, slot));
        quote!((#name, #values))
    });
    let rows = node.inputs.iter().map(|&input| {
        let x = cx.reference(input);
        quote!(layers::custom::Rows::new(&layers::custom::raws(#x), 1))
    });
    let name = &node.name;
    quote! {
        layers::custom::custom(
            &Self::#function(),
            #name,
            &layers::custom::KernelCx {
                inputs: &[#(#inputs),*],
                result: #result,
                formats: &[#(#formats),*],
                values: &[#(#values),*],
            },
            &[#(#rows),*],
        )
    }
}

fn format(cx: &Context<'_>, id: NodeId, slot: Slot) -> TokenStream {
    let number = types::number(cx.resolved.facts(id).format(slot));
    quote!(<#number as fixed::Number>::FORMAT)
}
