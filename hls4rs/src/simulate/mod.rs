//! Running a network: batches on all cores, traces, observed ranges.

mod block;
mod dispatch;
mod engine;
mod float;
mod lanes;
mod matrix;
mod plan;
mod step;
mod trace;

pub use dispatch::Dispatch;
pub use engine::{Engine, Real, SimulateError};
pub use trace::{LayerTrace, RawValues, Trace};
