//! Golden parity, equality with C++, random networks: what the tests and the commands of hls4rs share.

pub mod bench;
pub mod cxx;
pub mod drafts;
pub mod equal;
mod error;
pub mod golden;
pub mod headers;
pub mod host;
pub mod mutate;
pub mod ops;
pub mod oracle;
pub mod progress;
pub mod random;
pub mod rng;
pub mod simulate;
pub mod sketch;
pub mod typed;

pub use error::Error;
