//! Weights and tables as byte strings.

use std::collections::BTreeMap;

use hls4rs_ir::{NodeId, RawTensor, Resolved, Slot};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{constant_ident, layers, types};

/// The constants of a network, each with a name of its own.
pub(super) struct Constants {
    entries: Vec<Entry>,
    by_place: BTreeMap<(usize, Slot), usize>,
}

#[derive(Clone)]
struct Entry {
    name: Ident,
    doc: String,
    ty: TokenStream,
    bytes: Literal,
}

impl Constants {
    pub(super) fn new(resolved: &Resolved) -> Self {
        let mut constants = Self { entries: Vec::new(), by_place: BTreeMap::new() };
        for (id, node, facts) in resolved.iter() {
            for (slot, tensor) in
                facts.constants.iter().filter(|(slot, _)| !layers::is_scalar(&node.op, *slot))
            {
                let name = constants.free(&format!("{}_{slot}", node.name), resolved);
                let doc = format!("`{slot}` of `{}`: {} as {}.", node.name, tensor.shape, tensor.format);
                let (number, len) =
                    (types::number(tensor.format), Literal::usize_unsuffixed(tensor.raw.len()));
                let entry =
                    Entry { name, doc, ty: quote!(layers::Constants<#number, #len>), bytes: bytes(tensor) };
                constants.by_place.insert((id.index(), slot), constants.entries.len());
                constants.entries.push(entry);
            }
        }
        constants
    }

    /// The constants of one layer, for a node of another graph.
    pub(super) fn of(&self, id: NodeId, node: NodeId) -> Self {
        let own = self.by_place.iter().filter(|((owner, _), _)| *owner == id.index());
        let (places, entries): (Vec<_>, Vec<_>) =
            own.map(|((_, slot), &at)| ((node.index(), *slot), self.entries[at].clone())).unzip();
        Self { entries, by_place: places.into_iter().enumerate().map(|(at, place)| (place, at)).collect() }
    }

    /// The name, with a number behind it if something else has it: layers `a` and `a_exp` may both want
    /// `A_EXP_TABLE`, and a layer may be called so.
    fn free(&self, name: &str, resolved: &Resolved) -> Ident {
        let taken = |ident: &Ident| {
            self.entries.iter().any(|entry| entry.name == *ident)
                || resolved.graph().nodes().iter().any(|node| *ident == node.name)
        };
        let numbered = (2..).map(|n| constant_ident(&format!("{name}_{n}")));
        std::iter::once(constant_ident(name))
            .chain(numbered)
            .find(|ident| !taken(ident))
            .expect("numbers do not end")
    }

    /// A reference to the constant of a layer, if it stores one there.
    pub(super) fn reference(&self, id: NodeId, slot: Slot) -> Option<TokenStream> {
        let entry = &self.entries[*self.by_place.get(&(id.index(), slot))?];
        let name = &entry.name;
        Some(quote!(&#name))
    }

    pub(super) fn declarations(&self) -> TokenStream {
        let declarations = self.entries.iter().map(|Entry { name, doc, ty, bytes }| {
            quote! {
                #[doc = #doc]
                static #name: #ty = layers::Constants::new(#bytes);
            }
        });
        quote!(#(#declarations)*)
    }
}

/// Little-endian two's complement, as many bytes for each value as the type's integer has.
fn bytes(tensor: &RawTensor) -> Literal {
    let size = types::storage_bytes(tensor.format.width);
    let mut bytes = Vec::with_capacity(size * tensor.raw.len());
    for raw in &tensor.raw {
        bytes.extend_from_slice(&i128::from(*raw).to_le_bytes()[..size]);
    }
    Literal::byte_string(&bytes)
}
