//! The networks of the examples, for tests and documentation to use too.

pub mod digits;
pub mod jet_tagger;
