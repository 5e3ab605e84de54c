//! Fixed-point numbers with the exact semantics of `ap_fixed` and `ac_fixed`.
//!
//! * A [`Format`] says how a raw integer stands for a number and what an assignment does with bits that do
//!   not fit.
//!   It is read from and printed in the spellings of the field.
//! * All conversions go through the one [`Cast`], exact for every rounding and overflow mode, and `const`.
//! * [`Fixed`], [`UFixed`], [`Int`] and [`Uint`] are numbers with the format in their type.
//!   Their `+`, `-` and `*` are [`Exact`]; rounding and overflow happen on assignment, as in C++.
//! * [`from_f64`], [`to_f64`] and [`to_f32`] convert floats as the headers do; [`arith`] and [`ap`] have the
//!   operators
//!   for run-time formats.
//!
//! The formulas are those of the C simulation headers that ship with hls4ml 1.3.0, and the tests compare them
//! with vectors printed by the compiled headers.
//!
//! ```
//! use hls4rs_fixed::{Fixed, Format, Rnd, Sat, cast};
//!
//! // With types:
//! let x = Fixed::<16, 6>::from_num(2.7);
//! let y = (x * x).to::<Fixed<8, 4, Rnd, Sat>>();
//! assert_eq!(y.to_bits(), 117); // 7.2861.. = 116.58 sixteenths
//!
//! // The same with values:
//! let format: Format = "ap_fixed<16,6>".parse()?;
//! let result = "fixed<8,4,RND,SAT>".parse()?;
//! assert_eq!(cast(2764 * 2764, format.product(format), result), 117);
//! # Ok::<(), hls4rs_fixed::ParseFormatError>(())
//! ```
//!
//! # Features
//! The crate is `no_std` and does not allocate.
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | nothing at present but the promise that `std` is there |
//! | `serde` | `Serialize` and `Deserialize` for formats (their text) and numbers |
//! | `num-traits` | the traits that hold for numbers, and `Closed` arithmetic within a format |
//! | `fixed` | conversions to and from the types of the `fixed` crate |

#![no_std]
#![forbid(unsafe_code)]

mod address;
pub mod ap;
pub mod arith;
mod big;
mod cast;
pub mod contraction;
mod decimal;
mod exact;
mod family;
mod fixed;
#[cfg(feature = "fixed")]
mod fixed_crate;
mod float;
mod format;
mod modes;
#[cfg(feature = "num-traits")]
mod num_traits;
mod number;
mod parse;
pub mod sequence;
#[cfg(feature = "serde")]
mod serde;
mod spell;
mod storage;
pub mod vertices;
pub mod view;
mod wide;
pub mod window;

pub use address::{BitIndex, MAX_TABLE_SIZE, TableIndex};
pub use cast::{Cast, cast};
pub use decimal::ParseNumberError;
pub use exact::Exact;
pub use fixed::{Fixed, Int, Literal, UFixed, Uint};
#[cfg(feature = "fixed")]
pub use fixed_crate::{Foreign, NotExact};
pub use float::{FromFloat, from_f64, to_f32, to_f64};
pub use format::{Format, FormatError, Overflow, Rounding};
pub use modes::{
    OverflowMode, Rnd, RndConv, RndConvOdd, RndInf, RndMinInf, RndZero, RoundingMode, Sat, SatSym, SatZero,
    Trn, TrnZero, Wrap, WrapN, WrapSm,
};
#[cfg(feature = "num-traits")]
pub use num_traits::Closed;
pub use number::{Num, Number, Operand};
pub use parse::ParseFormatError;
pub use storage::{Bits, Storage, Width};
pub use wide::{ParseWideError, Wide};

mod sealed {
    /// Keeps the traits of this crate to the types of this crate.
    pub trait Sealed {}
}
