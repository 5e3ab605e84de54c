//! The types of every slot: from the configuration, and where it says `auto`, from hls4ml's rules.
//!
//! These rules are not those of [`Precision::Auto`](crate::Precision::Auto), which looks at weights and ranges;
//! they only look at types, so that what comes out is what hls4ml makes of the same file and configuration.

mod attributes;
pub(crate) mod bit_exact;
mod configure;
mod garnet;
mod hardware;
mod infer;
pub(crate) mod kif;
mod kinds;

pub use configure::configure;
pub use hardware::{arrange, snake_case};
pub use infer::infer;
pub use kinds::variable;

pub(crate) use configure::{configure_node, default_type};
pub(crate) use kinds::{is_stored, slots};

/// The values of a slot as their quantizer leaves them, as far as that is known; none if nothing is stored.
pub(crate) fn stored_values(node: &crate::draft::DraftNode, slot: crate::Slot) -> Vec<f64> {
    let Some(tensor) = node.values.get(slot) else { return Vec::new() };
    let quantized = node.quantizer(slot).and_then(|quantizer| quantizer.apply(tensor));
    quantized.map_or_else(|| tensor.values().to_vec(), |quantized| quantized.values)
}
