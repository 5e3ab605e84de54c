//! Methods that need the standard library: batches, traces, the graph, projects.

use hls4rs_ir::NodeId;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Visibility;

use super::{Context, docs};
use crate::lower::Interface;

/// The methods that the feature `simulate` of hls4rs adds, and `backends` after it.
pub(super) fn methods(cx: &Context<'_>, vis: &Visibility, name: &Ident) -> TokenStream {
    let graph = cx.resolved.graph();
    let json = Literal::string(&graph.to_json());
    let inputs: Vec<_> = graph.inputs().map(|(id, _)| cx.name(id).clone()).collect();
    let views: Vec<_> = graph.inputs().map(|(id, _)| view(rank(cx, id))).collect();
    let arrays: Vec<_> = graph.outputs().iter().map(|&id| array(rank(cx, id))).collect();
    let docs = docs::ports(cx.resolved);
    let results = match arrays.len() {
        1 => quote!(hls::simulate::output(&mut outputs)),
        n => {
            let each = (0..n).map(|_| quote!(hls::simulate::output(&mut outputs)));
            quote!((#(#each),*))
        }
    };
    let result = tuple(&arrays);
    quote! {
        hls::simulate! {
            impl #name {
                /// The network as a graph, for everything that takes one: reports, projects, files.
                #vis fn graph() -> hls::Graph {
                    hls::simulate::graph(#json)
                }

                /// The network with all formats settled, every constant and every proved range.
                #vis fn resolved() -> &'static hls::Resolved {
                    static RESOLVED: ::std::sync::OnceLock<hls::Resolved> = ::std::sync::OnceLock::new();
                    RESOLVED.get_or_init(|| hls::simulate::resolve(&Self::graph()))
                }

                /// The engine that runs batches.
                #vis fn engine() -> &'static hls::Engine {
                    static ENGINE: ::std::sync::OnceLock<hls::Engine> = ::std::sync::OnceLock::new();
                    ENGINE.get_or_init(|| hls::Engine::new(Self::resolved()))
                }

                /// Many inferences on all cores, with exactly the firmware's bits; the first axis is the sample.
                ///
                #(#[doc = #docs])*
                ///
                /// # Panics
                /// If the arrays have other shapes, or differ in the number of samples.
                #[must_use]
                #vis fn predict_batch<F: hls::Float>(&self, #(#inputs: #views),*) -> #result {
                    let mut outputs = hls::simulate::predict(Self::engine(), &[#(#inputs.into_dyn()),*]);
                    #results
                }

                /// The results of every layer; the first axis is the sample.
                ///
                /// # Panics
                /// If the arrays have other shapes, or differ in the number of samples.
                #[must_use]
                #vis fn trace<F: hls::Float>(&self, #(#inputs: #views),*) -> hls::Trace<F> {
                    hls::simulate::trace(Self::engine(), &[#(#inputs.into_dyn()),*])
                }
            }
        }

        hls::backends! {
            impl #name {
                /// The network as an HLS project for a vendor's tool.
                #[must_use]
                #vis fn project(backend: hls::Backend) -> hls::Project {
                    hls::Project::new(Self::resolved(), backend)
                }
            }
        }
    }
}

/// The same methods without content, for a network with mistakes.
pub(super) fn stubs(interface: &Interface, vis: &Visibility, name: &Ident) -> TokenStream {
    let ranks = |ports: &[(Ident, Option<crate::lower::Port>)]| -> Option<Vec<usize>> {
        ports.iter().map(|(_, port)| port.as_ref().map(|port| port.shape.rank() + 1)).collect()
    };
    let batches = ranks(&interface.inputs).filter(|inputs| !inputs.is_empty()).map(|inputs| {
        let names: Vec<_> = interface.inputs.iter().map(|(name, _)| name).collect();
        let views: Vec<_> = inputs.into_iter().map(view).collect();
        let result = match ranks(&interface.outputs).filter(|outputs| !outputs.is_empty()) {
            Some(outputs) => tuple(&outputs.into_iter().map(array).collect::<Vec<_>>()),
            None => quote!(!),
        };
        quote! {
            #vis fn predict_batch<F: hls::Float>(&self, #(#names: #views),*) -> #result {
                ::core::unreachable!()
            }

            #vis fn trace<F: hls::Float>(&self, #(#names: #views),*) -> hls::Trace<F> {
                ::core::unreachable!()
            }
        }
    });
    quote! {
        hls::simulate! {
            impl #name {
                #vis fn graph() -> hls::Graph {
                    ::core::unreachable!()
                }

                #vis fn resolved() -> &'static hls::Resolved {
                    ::core::unreachable!()
                }

                #vis fn engine() -> &'static hls::Engine {
                    ::core::unreachable!()
                }

                #batches
            }
        }

        hls::backends! {
            impl #name {
                #vis fn project(backend: hls::Backend) -> hls::Project {
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
    quote!(hls::ndarray::ArrayView<'_, F, hls::ndarray::#dimension>)
}

fn array(rank: usize) -> TokenStream {
    let dimension = dimension(rank);
    quote!(hls::ndarray::Array<F, hls::ndarray::#dimension>)
}

/// ndarray has types for up to six axes.
fn dimension(rank: usize) -> Ident {
    if rank <= 6 { format_ident!("Ix{rank}") } else { format_ident!("IxDyn") }
}

fn tuple(types: &[TokenStream]) -> TokenStream {
    match types {
        [one] => one.clone(),
        _ => quote!((#(#types),*)),
    }
}
