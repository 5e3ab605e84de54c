//! What is left of a network with mistakes: its struct and its methods without content, so that the only errors
//! are those about the network.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Visibility;

use super::{private, simulate, types};
use crate::ast::Header;
use crate::lower::{Interface, Port};

/// The errors, and the struct with stubs for its methods.
pub(crate) fn fallback(header: &Header, errors: Option<TokenStream>, interface: &Interface) -> TokenStream {
    let Header { attrs, vis, name, options } = header;
    let private = private(options.krate.as_ref());
    let predict = predict(interface, vis);
    let simulate = simulate::stubs(interface, &private, vis, name);
    quote! {
        #errors

        #(#attrs)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
        #vis struct #name;

        #[doc(hidden)]
        #[allow(dead_code, unused_imports, unused_variables, unreachable_code, clippy::all)]
        const _: () = {
            use #private::fixed;

            impl #name {
                #vis const fn new() -> Self {
                    Self
                }

                #predict
            }

            #simulate
        };
    }
}

/// `predict` with its true type if that is known; none if not even the number of inputs is.
fn predict(interface: &Interface, vis: &Visibility) -> Option<TokenStream> {
    let array = |port: &Port| types::array(port.format, port.shape.elements());
    if interface.inputs.is_empty() {
        return None;
    }
    let parameters = interface.inputs.iter().map(|(name, port)| match port {
        Some(port) => {
            let array = array(port);
            quote!(#name: &#array)
        }
        None => quote!(#name: impl ::core::marker::Sized),
    });
    let outputs: Option<Vec<_>> =
        interface.outputs.iter().map(|(_, port)| port.as_ref().map(array)).collect();
    let result = match outputs.as_deref() {
        None | Some([]) => quote!(!),
        Some([array]) => quote!(#array),
        Some(arrays) => quote!((#(#arrays),*)),
    };
    Some(quote! {
        #vis fn predict(&self, #(#parameters),*) -> #result {
            ::core::unreachable!()
        }
    })
}
