//! Recorded cases of hls4ml 1.3.0, replayed from their final layer table.

pub mod build;
pub mod case;
pub mod convert;
mod exceptions;
mod layers;
mod replay;

pub use replay::{Outcome, Replay, committed, outcome, run, usual_dir};
