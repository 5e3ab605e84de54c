//! The integration tests of `hls4rs-fixed`, in one binary.

mod agreement;
mod constants;
mod exhaustive;
#[cfg(any())]
mod fixed_crate;
mod floats;
#[cfg(any())]
mod num_traits;
mod numbers;
mod oracle;
mod operators;
mod parsing;
mod reference;
#[cfg(any())]
mod serde;
mod strategies;
mod vectors;
