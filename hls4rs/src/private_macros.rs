//! What expansions of `network!` are wrapped in where they need a feature of this crate.
//!
//! They name, all in `hls4rs::__private` (called `hls` there):
//! - always: `layers`, `Fixed`, `UFixed`, `Int`, `Uint` and the types of the modes;
//! - in `simulate!`: `ndarray`, `Graph`, `Resolved`, `Engine::new(&Resolved)`, `Trace<F>`, the trait `Float` of `f32`
//!   and `f64`, and in the module `simulate` the functions `graph(json) -> Graph`, `resolve(&Graph) -> Resolved`,
//!   `predict(&Engine, &[ArrayViewD<F>]) -> Vec<ArrayD<F>>`, `output(&mut Vec<ArrayD<F>>) -> Array<F, D>` (takes the
//!   first), `trace(&Engine, &[ArrayViewD<F>]) -> Trace<F>`;
//! - in `backends!`: `Backend`, `Project::new(&Resolved, Backend)`.
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
