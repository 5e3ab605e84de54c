//! A layer that is applied to every step of the first axis.

use hls4rs_ir::NodeId;
use hls4rs_ir::ops::TimeDistributed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Context;

/// The layer inside as a function of one step.
pub(super) fn value(cx: &Context<'_>, id: NodeId, layer: &TimeDistributed) -> TokenStream {
    let (node, input) = (cx.node(id), cx.node(id).inputs[0]);
    let facts = |id| cx.resolved.facts(id);
    let part = layer.step(cx.resolved.graph().io(), (cx.node(input), facts(input)), (node, facts(id)));
    let ids: Vec<NodeId> = part.graph().iter().map(|(id, _)| id).collect();
    // A name that no layer can have: two underscores follow each other.
    let step = Ident::new(&format!("{}__step", node.name), Span::call_site());
    let inner = Context {
        resolved: &part,
        names: vec![step.clone(), cx.name(id).clone()],
        constants: cx.constants.of(id, ids[1]),
        own: &[],
        private: cx.private.clone(),
    };
    let (x, value) = (cx.reference(input), super::value(&inner, ids[1]));
    let (from, to) = (inner.array(ids[0]), inner.array(ids[1]));
    quote!(layers::time_distributed(#x, |#step: &#from| -> #to { #value }))
}
