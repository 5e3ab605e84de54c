//! Integration tests: whole networks, through the public interface only.

mod eval;
mod faults;
#[cfg(feature = "draft")]
mod hostile;
#[cfg(feature = "draft")]
mod inference;
#[cfg(feature = "json")]
mod json;
mod nets;
#[cfg(feature = "draft")]
mod passes;
mod ranges;
mod softmax;
