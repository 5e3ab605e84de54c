//! What expansions of `network!` are wrapped in where they need a feature of this crate.
//!
//! They name, all in `hls4rs::__private`: always `fixed` and `layers`; in `simulate!` also `ir`, `ndarray`, `simulate`
//! and `std`; in `backends!` also `backends` and `project`.
//!
//! A macro of the crate that defines it sees that crate's features; the user's crate has no features of these names.

/// Keeps its content if hls4rs has the feature `simulate`.
#[cfg(feature = "simulate")]
#[doc(hidden)]
#[macro_export]
macro_rules! __simulate {
    ($($content:tt)*) => { $($content)* };
}

/// Keeps its content if hls4rs has the feature `simulate`.
#[cfg(not(feature = "simulate"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __simulate {
    ($($content:tt)*) => {};
}

/// Keeps its content if hls4rs has the feature `backends`.
#[cfg(feature = "backends")]
#[doc(hidden)]
#[macro_export]
macro_rules! __backends {
    ($($content:tt)*) => { $($content)* };
}

/// Keeps its content if hls4rs has the feature `backends`.
#[cfg(not(feature = "backends"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __backends {
    ($($content:tt)*) => {};
}

#[doc(hidden)]
pub use {__backends as backends, __simulate as simulate};
