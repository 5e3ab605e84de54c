//! The `network!` macro of hls4rs: tokens become a graph, the graph is checked, and typed Rust comes out.
//!
//! `parse` → `lower` → `report` or `expand`; the checks themselves are those of `hls4rs_ir`.
#![forbid(unsafe_code)]

mod ast;
mod expand;
mod faults;
mod format;
mod lower;
mod parse;
mod report;
mod values;
mod weights;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

#[doc = include_str!("network.md")]
#[proc_macro]
pub fn network(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    expand(tokens.into(), &root).into()
}

/// The expansion of `network! { tokens }` in a crate whose folder is `root`.
fn expand(tokens: TokenStream, root: &Path) -> TokenStream {
    let mut report = report::Report::new();
    let network = parse::parse(tokens, &mut report);
    let sound = network.as_ref().filter(|_| report.count() == 0);
    let lowered = sound.map(|network| lower::lower(network, root, &mut report));
    let errors = report.into_errors();
    match (network, lowered) {
        (Some(network), Some(lowered)) => match (&lowered.resolved, errors) {
            (Some(resolved), None) => {
                expand::network(&network, resolved, &lowered.unused_arrays, &lowered.own)
            }
            (_, errors) => expand::fallback(&network.header, errors, &lowered.interface),
        },
        (Some(network), None) => expand::fallback(&network.header, errors, &lower::Interface::default()),
        (None, _) => errors.unwrap_or_default(),
    }
}
