//! Small neural networks as FPGA firmware: written, checked and simulated in Rust, emitted as HLS C++.
//!
//! A network is written with [`network!`]; the README shows one.
//! [`fixed`] has the numbers, [`layers`] the arithmetic, [`simulate`] the engine for batches.
#![cfg_attr(not(feature = "std"), no_std)]

pub use hls4rs_fixed as fixed;
#[cfg(feature = "simulate")]
pub use hls4rs_ir as ir;
pub use hls4rs_macros::network;

#[cfg(feature = "backends")]
pub mod backends;
#[cfg(feature = "build")]
pub mod build;
#[cfg(feature = "simulate")]
pub mod custom;
#[cfg(feature = "import")]
pub mod frontends;
#[cfg(feature = "backends")]
pub mod hls;
pub mod layers;
pub mod prelude;
mod private_macros;
#[cfg(feature = "backends")]
pub mod project;
#[cfg(feature = "simulate")]
pub mod simulate;

/// What expansions of `network!` name; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::fixed;
    pub use crate::layers;
    pub use crate::private_macros::*;
    #[cfg(feature = "backends")]
    pub use {crate::backends, crate::project};
    #[cfg(feature = "simulate")]
    pub use {crate::custom, crate::ir, crate::simulate, ndarray, std};
}

/// The examples of the README are tested.
#[cfg(all(doctest, feature = "simulate"))]
#[doc = include_str!("../../README.md")]
struct ReadmeExamples;
