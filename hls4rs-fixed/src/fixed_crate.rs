//! Conversions to and from the types of the `fixed` crate, which keep the fraction bits in a `typenum`
//! number.
//!
//! `TryFrom` works in both directions and for all formats; it never rounds, and refuses a value that does not
//! fit.
//! [`to_fixed`](Fixed::to_fixed) and [`from_fixed`](Fixed::from_fixed) cannot fail: they do not compile
//! unless every value of the source fits.
//!
//! ```
//! use fixed::FixedI32;
//! use fixed::types::extra::U16;
//! use hls4rs_fixed::{Fixed, NotExact};
//!
//! let x = Fixed::<16, 6>::from_num(-2.71875);
//! let y: FixedI32<U16> = x.to_fixed();
//! assert_eq!(y, FixedI32::<U16>::from_num(-2.71875));
//! assert_eq!(Fixed::<16, 6>::try_from(y), Ok(x));
//! assert_eq!(Fixed::<8, 3>::try_from(FixedI32::<U16>::DELTA), Err(NotExact));
//! ```
//!
//! A destination that might not hold the value does not compile:
//!
//! ```compile_fail
//! # use fixed::FixedI16;
//! # use fixed::types::extra::U8;
//! # use hls4rs_fixed::Fixed;
//! // Ten fraction bits into eight.
//! let y: FixedI16<U8> = Fixed::<16, 6>::from_num(0.5).to_fixed();
//! ```

use core::fmt;

use ::fixed::types::extra::{LeEqU8, LeEqU16, LeEqU32, LeEqU64, LeEqU128};
use ::fixed::{
    FixedI8, FixedI16, FixedI32, FixedI64, FixedI128, FixedU8, FixedU16, FixedU32, FixedU64, FixedU128,
};
use typenum::Unsigned;

use crate::fixed::{Fixed, Int, UFixed, Uint};
use crate::modes::{OverflowMode, RoundingMode};
use crate::sealed::Sealed;
use crate::storage::{Storage, Width};
use crate::{Exact, Format, Number, family};

/// The value is not a number of the destination: it is out of range or has too many fraction bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotExact;

impl fmt::Display for NotExact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the destination does not hold the value exactly")
    }
}

impl core::error::Error for NotExact {}

/// A number type of the `fixed` crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number type of the `fixed` crate",
    label = "expected `FixedI8` to `FixedI128` or `FixedU8` to `FixedU128`"
)]
pub trait Foreign: Sealed + Copy {
    /// The format of the type.
    const FORMAT: Format;
    /// The number with these low bits.
    fn from_raw(raw: i128) -> Self;
    /// The exact value.
    fn exact(self) -> Exact;
}

/// The number with this value, if there is one.
fn exactly<T: Number>(value: Exact) -> Result<T, NotExact> {
    let number: T = family::wrapping(value);
    if number.exact() == value { Ok(number) } else { Err(NotExact) }
}

/// The foreign number with this value, if there is one.
fn foreign<F: Foreign>(value: Exact) -> Result<F, NotExact> {
    let number = F::from_raw(value.cast(F::FORMAT).as_i128_wrapping());
    if number.exact() == value { Ok(number) } else { Err(NotExact) }
}

macro_rules! foreign {
    ($($Type:ident $LeEq:ident $format:ident $bits:ty;)*) => {$(
        impl<Frac: $LeEq> Sealed for $Type<Frac> {}

        impl<Frac: $LeEq> Foreign for $Type<Frac> {
            const FORMAT: Format = Format::$format(<$bits>::BITS, <$bits>::BITS as i32 - <Frac as Unsigned>::I32);

            #[inline]
            fn from_raw(raw: i128) -> Self {
                $Type::from_bits(raw as $bits)
            }

            #[inline]
            fn exact(self) -> Exact {
                Exact::from_wide_or_narrow(self.to_bits(), Self::FORMAT)
            }
        }

        foreign! { @ours $Type $LeEq
            Fixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
            UFixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
            Int [const W: u32] [W];
            Uint [const W: u32] [W];
        }
    )*};
    (@ours $Type:ident $LeEq:ident $($Ours:ident [$($parameter:tt)*] [$($argument:tt)*];)*) => {$(
        impl<Frac: $LeEq, $($parameter)*> TryFrom<$Ours<$($argument)*>> for $Type<Frac> where Width<W>: Storage {
            type Error = NotExact;
            fn try_from(number: $Ours<$($argument)*>) -> Result<Self, NotExact> {
                foreign(number.exact())
            }
        }

        impl<Frac: $LeEq, $($parameter)*> TryFrom<$Type<Frac>> for $Ours<$($argument)*> where Width<W>: Storage {
            type Error = NotExact;
            fn try_from(number: $Type<Frac>) -> Result<Self, NotExact> {
                exactly(number.exact())
            }
        }
    )*};
}

foreign! {
    FixedI8 LeEqU8 fixed i8;
    FixedI16 LeEqU16 fixed i16;
    FixedI32 LeEqU32 fixed i32;
    FixedI64 LeEqU64 fixed i64;
    FixedI128 LeEqU128 fixed i128;
    FixedU8 LeEqU8 ufixed u8;
    FixedU16 LeEqU16 ufixed u16;
    FixedU32 LeEqU32 ufixed u32;
    FixedU64 LeEqU64 ufixed u64;
    FixedU128 LeEqU128 ufixed u128;
}

macro_rules! lossless {
    ($($Ours:ident [$($parameter:tt)*] [$($argument:tt)*];)*) => {$(
        impl<$($parameter)*> $Ours<$($argument)*> where Width<W>: Storage {
            /// The same value as a type of the `fixed` crate that holds every value of this one.
            #[inline]
            pub fn to_fixed<F: Foreign>(self) -> F {
                const { assert!(F::FORMAT.contains(Self::FORMAT), "a value might not fit: use `try_into`") };
                F::from_raw(self.exact().cast(F::FORMAT).as_i128_wrapping())
            }

            /// The same value as that of a type of the `fixed` crate all of whose values fit.
            #[inline]
            pub fn from_fixed<F: Foreign>(number: F) -> Self {
                const { assert!(Self::FORMAT.contains(F::FORMAT), "a value might not fit: use `try_from`") };
                family::wrapping(number.exact())
            }
        }
    )*};
}

lossless! {
    Fixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    UFixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    Int [const W: u32] [W];
    Uint [const W: u32] [W];
}
