//! Methods that need the standard library: batches, traces, the graph, projects.

use proc_macro2::{Ident, TokenStream};
use syn::Visibility;

use super::Context;
use crate::lower::Interface;

pub(super) fn methods(_: &Context<'_>, _: &Visibility) -> TokenStream {
    TokenStream::new()
}

pub(super) fn stubs(_: &Interface, _: &Visibility, _: &Ident) -> TokenStream {
    TokenStream::new()
}
