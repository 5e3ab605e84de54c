//! Fixed-point numbers with the exact semantics of `ap_fixed` and `ac_fixed`.
#![no_std]
#![forbid(unsafe_code)]
mod cast;
mod float;
mod format;
mod text;
mod wide;
pub use cast::{Cast, cast};
pub use float::{from_f64, to_f64};
pub use format::{Format, FormatError, Overflow, Rounding};
pub use text::ParseFormatError;
pub use wide::{ParseWideError, Wide};
