//! The integration tests of `hls4rs-fixed`, in one binary.

mod agreement;
mod constants;
mod exhaustive;
#[cfg(feature = "fixed")]
mod fixed_crate;
mod floats;
#[cfg(feature = "num-traits")]
mod num_traits;
mod numbers;
mod operators;
mod oracle;
mod parsing;
mod reference;
#[cfg(feature = "serde")]
mod serde;
mod strategies;
mod vectors;
