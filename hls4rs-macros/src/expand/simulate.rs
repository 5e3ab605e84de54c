//! Methods that need the standard library: batches, traces, the graph, projects.

use hls4rs_ir::NodeId;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Visibility;

use super::{Context, docs, own_function};
use crate::lower::{Interface, Port};

/// The methods that the features `simulate` and `backends` of hls4rs add.
pub(super) fn methods(cx: &Context<'_>, vis: &Visibility, name: &Ident) -> TokenStream {
    let graph = cx.resolved.graph();
    let json = Literal::string(&graph.to_json());
    let inputs: Vec<_> = graph.inputs().map(|(id, _)| cx.name(id).clone()).collect();
    let views: Vec<_> = graph.inputs().map(|(id, _)| view(rank(cx, id))).collect();
    let arrays: Vec<_> = graph.outputs().iter().map(|&id| array(rank(cx, id))).collect();
    let each = arrays.iter().map(|_| {
        quote!(outputs.next().and_then(|y| y.into_dimensionality().ok()).expect("an array for each output"))
    });
    let (outputs, result, docs) = (tuple(each), tuple(arrays.iter().cloned()), docs::ports(cx.resolved));
    let private = &cx.private;
    let graph = read_graph(cx, &json);
    // The rules of layers of one's own run here for the first time.
    let resolved = if cx.own.is_empty() {
        quote!(Self::graph().resolve().expect("`network!` checked the graph"))
    } else {
        quote!(Self::graph().resolve().unwrap_or_else(|faults| ::core::panic!("{faults}")))
    };
    let resolved = quote!(RESOLVED.get_or_init(|| #resolved));
    quote! {
        #private::simulate! {
            use #private::{ir, ndarray, simulate, std};

            impl #name {
                /// The network as a graph, for everything that takes one: reports, projects, files.
                #[must_use]
                #vis fn graph() -> ir::Graph {
                    #graph
                }

                /// The network with all formats settled, every constant and every proved range.
                #[must_use]
                #vis fn resolved() -> &'static ir::Resolved {
                    static RESOLVED: std::sync::OnceLock<ir::Resolved> = std::sync::OnceLock::new();
                    #resolved
                }

                /// The engine that runs batches.
                #[must_use]
                #vis fn engine() -> &'static simulate::Engine {
                    static ENGINE: std::sync::OnceLock<simulate::Engine> = std::sync::OnceLock::new();
                    ENGINE.get_or_init(|| simulate::Engine::new(Self::resolved()))
                }

                /// Many inferences on all cores, with exactly the firmware's bits; the first axis is the sample.
                ///
                #(#[doc = #docs])*
                ///
                /// # Panics
                /// If the arrays have other shapes, or differ in the number of samples.
                #[must_use]
                #[track_caller]
                #vis fn predict_batch<T: simulate::Real>(&self, #(#inputs: #views),*) -> #result {
                    let outputs = Self::engine().predict(&[#(#inputs.into_dyn()),*]);
                    let mut outputs = outputs.unwrap_or_else(|e| std::panic!("{e}")).into_iter();
                    #outputs
                }

                /// The results of every layer; the first axis is the sample.
                ///
                /// # Panics
                /// If the arrays have other shapes, or differ in the number of samples.
                #[must_use]
                #[track_caller]
                #vis fn trace<T: simulate::Real>(&self, #(#inputs: #views),*) -> simulate::Trace {
                    Self::engine().trace(&[#(#inputs.into_dyn()),*]).unwrap_or_else(|e| std::panic!("{e}"))
                }
            }
        }

        #private::backends! {
            use #private::{backends, project};

            impl #name {
                /// The network as a project for a vendor's tool.
                #[must_use]
                #vis fn project(backend: backends::Backend) -> project::Project {
                    project::Project::new(Self::resolved(), backend)
                }
            }
        }
    }
}

/// The graph from its text.
fn read_graph(cx: &Context<'_>, json: &Literal) -> TokenStream {
    if cx.own.is_empty() {
        return quote!(ir::Graph::from_json(#json).expect("`network!` wrote the graph"));
    }
    let private = &cx.private;
    let arms = cx.own.iter().map(|(node, ..)| {
        let function = own_function(node);
        quote!(#node => ::core::option::Option::Some(#private::custom::define(Self::#function())))
    });
    quote! {
        ir::Graph::from_json_with(#json, &mut |node, _| match node {
            #(#arms,)*
            _ => ::core::option::Option::None,
        })
        .unwrap_or_else(|error| ::core::panic!("{error}"))
    }
}

/// The same methods without content, for a network with mistakes.
pub(super) fn stubs(
    interface: &Interface,
    private: &TokenStream,
    vis: &Visibility,
    name: &Ident,
) -> TokenStream {
    let ranks = |ports: &[(Ident, Option<Port>)]| -> Option<Vec<usize>> {
        ports.iter().map(|(_, port)| port.as_ref().map(|port| port.shape.rank() + 1)).collect()
    };
    let batches = ranks(&interface.inputs).filter(|inputs| !inputs.is_empty()).map(|inputs| {
        let names: Vec<_> = interface.inputs.iter().map(|(name, _)| name).collect();
        let views: Vec<_> = inputs.into_iter().map(view).collect();
        let result = match ranks(&interface.outputs).filter(|outputs| !outputs.is_empty()) {
            Some(outputs) => tuple(outputs.into_iter().map(array)),
            None => quote!(!),
        };
        quote! {
            #vis fn predict_batch<T: simulate::Real>(&self, #(#names: #views),*) -> #result {
                ::core::unreachable!()
            }

            #vis fn trace<T: simulate::Real>(&self, #(#names: #views),*) -> simulate::Trace {
                ::core::unreachable!()
            }
        }
    });
    quote! {
        #private::simulate! {
            use #private::{ir, ndarray, simulate};

            impl #name {
                #vis fn graph() -> ir::Graph {
                    ::core::unreachable!()
                }

                #vis fn resolved() -> &'static ir::Resolved {
                    ::core::unreachable!()
                }

                #vis fn engine() -> &'static simulate::Engine {
                    ::core::unreachable!()
                }

                #batches
            }
        }

        #private::backends! {
            use #private::{backends, project};

            impl #name {
                #vis fn project(_: backends::Backend) -> project::Project {
                    ::core::unreachable!()
                }
            }
        }
    }
}

/// The axes of a layer's result, the sample's included.
fn rank(cx: &Context<'_>, id: NodeId) -> usize {
    cx.node(id).shape.rank() + 1
}

fn view(rank: usize) -> TokenStream {
    let dimension = dimension(rank);
    quote!(ndarray::ArrayView<'_, T, ndarray::#dimension>)
}

fn array(rank: usize) -> TokenStream {
    let dimension = dimension(rank);
    quote!(ndarray::Array<T, ndarray::#dimension>)
}

/// ndarray has types for up to six axes.
fn dimension(rank: usize) -> Ident {
    if rank <= 6 { format_ident!("Ix{rank}") } else { format_ident!("IxDyn") }
}

/// One thing as it is, several in parentheses.
fn tuple(parts: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.into_iter().collect();
    match parts.as_slice() {
        [one] => one.clone(),
        _ => quote!((#(#parts),*)),
    }
}
