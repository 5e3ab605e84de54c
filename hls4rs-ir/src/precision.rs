//! The types of every slot: from the configuration, and where it says `auto`, from hls4ml's rules.
//!
//! These rules are not those of [`Precision::Auto`](crate::Precision::Auto), which looks at weights and ranges;
//! they only look at types, so that what comes out is what hls4ml makes of the same file and configuration.

mod attributes;
mod configure;
mod hardware;
mod infer;
pub(crate) mod kif;
mod kinds;

pub use configure::configure;
pub use hardware::{arrange, snake_case};
pub use infer::infer;
pub use kinds::variable;

pub(crate) use configure::configure_node;
