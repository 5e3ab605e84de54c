//! The Rust that a network becomes: a struct, its constants, and a function that reads like the network.

use hls4rs_ir::{Node, NodeId, Resolved};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Path, Visibility};

use crate::ast::{Header, Network};
use crate::lower::OwnLayer;

mod constants;
mod docs;
mod fallback;
mod layers;
mod simulate;
mod types;

pub(crate) use fallback::fallback;

/// What every part of the expansion needs to know.
struct Context<'a> {
    resolved: &'a Resolved,
    /// Rust names of the layers' results, by node.
    names: Vec<Ident>,
    constants: constants::Constants,
    /// Layers of one's own.
    own: &'a [OwnLayer],
    /// The path of what expansions use.
    private: TokenStream,
}

impl Context<'_> {
    fn name(&self, id: NodeId) -> &Ident {
        &self.names[id.index()]
    }

    fn node(&self, id: NodeId) -> &Node {
        self.resolved.graph().node(id)
    }

    /// The type of a layer's result.
    fn array(&self, id: NodeId) -> TokenStream {
        types::array(self.resolved.facts(id).result(), self.node(id).shape.elements())
    }

    /// An expression for a reference to a layer's result.
    fn reference(&self, id: NodeId) -> TokenStream {
        let name = self.name(id);
        if self.is_input(id) { quote!(#name) } else { quote!(&#name) }
    }

    fn is_input(&self, id: NodeId) -> bool {
        self.resolved.graph().inputs().any(|(input, _)| input == id)
    }
}

/// The path of what expansions use: `::hls4rs::__private`, or in the crate that the header names.
fn private(krate: Option<&Path>) -> TokenStream {
    match krate {
        Some(path) => quote!(#path::__private),
        None => quote!(::hls4rs::__private),
    }
}

/// The expansion of a network in which nothing is wrong.
pub(crate) fn network(
    network: &Network,
    resolved: &Resolved,
    unused_arrays: &[String],
    own: &[OwnLayer],
) -> TokenStream {
    let Header { attrs, vis, name, options } = &network.header;
    let private = private(options.krate.as_ref());
    let cx = Context {
        resolved,
        names: names(network, resolved),
        constants: constants::Constants::new(resolved),
        own,
        private: private.clone(),
    };
    let docs = docs::network(resolved, options.weights.as_ref(), unused_arrays);
    let docs =
        (!attrs.is_empty()).then(|| quote!(#[doc = ""])).into_iter().chain([quote!(#(#[doc = #docs])*)]);
    let constants = cx.constants.declarations();
    let predict = predict(&cx, vis);
    let definitions = definitions(&cx, name);
    let simulate = simulate::methods(&cx, vis, name);
    let tracked = options.weights.as_ref().map(|file| {
        let path = format!("/{}", file.value());
        quote! {
            const _: &[::core::primitive::u8] =
                ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path));
        }
    });
    quote! {
        #(#attrs)*
        #(#docs)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
        #vis struct #name;

        #definitions

        #[doc(hidden)]
        #[allow(non_snake_case, dead_code, unreachable_pub, unused_qualifications, clippy::all)]
        const _: () = {
            use #private::{fixed, layers};

            #tracked
            #constants

            impl #name {
                /// The network; its weights are part of the program.
                #[must_use]
                #vis const fn new() -> Self {
                    Self
                }

                #predict
            }

            #simulate
        };
    }
}

/// The names of the layers' results: the user's own tokens where there are any, for their spans.
fn names(network: &Network, resolved: &Resolved) -> Vec<Ident> {
    let declared =
        |name: &str| network.statements.iter().map(|s| s.name()).find(|ident| *ident == name).cloned();
    let nodes = resolved.graph().nodes().iter();
    nodes
        .map(|node| declared(&node.name).unwrap_or_else(|| Ident::new(&node.name, Span::call_site())))
        .collect()
}

/// The typed function: one statement per layer.
fn predict(cx: &Context<'_>, vis: &Visibility) -> TokenStream {
    let graph = cx.resolved.graph();
    let parameters = graph.inputs().map(|(id, _)| {
        let (name, array) = (cx.name(id), cx.array(id));
        quote!(#name: &#array)
    });
    let layers = graph.iter().filter(|(id, _)| !cx.is_input(*id)).map(|(id, _)| {
        let (name, array, value) = (cx.name(id), cx.array(id), layers::value(cx, id));
        quote!(let #name: #array = #value;)
    });
    let outputs = graph.outputs();
    let types: Vec<_> = outputs.iter().map(|&id| cx.array(id)).collect();
    let names: Vec<_> = outputs.iter().map(|&id| cx.name(id)).collect();
    let (types, names) = match (types.as_slice(), names.as_slice()) {
        ([ty], [name]) => (quote!(#ty), quote!(#name)),
        _ => (quote!((#(#types),*)), quote!((#(#names),*))),
    };
    let docs = docs::predict(cx.resolved);
    quote! {
        #(#[doc = #docs])*
        #[must_use]
        #vis fn predict(&self, #(#parameters),*) -> #types {
            #(#layers)*
            #names
        }
    }
}

/// The layers of one's own, made in the user's scope.
fn definitions(cx: &Context<'_>, name: &Ident) -> Option<TokenStream> {
    let functions = cx.own.iter().map(|(node, path, value)| {
        let function = own_function(node);
        quote! {
            #[doc(hidden)]
            #[inline(always)]
            fn #function() -> #path {
                #value
            }
        }
    });
    (!cx.own.is_empty()).then(|| {
        quote! {
            #[doc(hidden)]
            #[allow(non_snake_case)]
            const _: () = {
                impl #name {
                    #(#functions)*
                }
            };
        }
    })
}

/// The function that makes the layer of one's own behind a node.
fn own_function(node: &str) -> Ident {
    format_ident!("__own_{node}")
}

/// An identifier of the expansion's own.
fn constant_ident(name: &str) -> Ident {
    format_ident!("{}", name.to_uppercase())
}
