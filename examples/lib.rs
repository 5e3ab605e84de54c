//! The networks of the examples, for tests and documentation to use too.

pub mod csim;
pub mod delta_r2;
pub mod digits;
pub mod jet_tagger;
