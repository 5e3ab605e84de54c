//! The traits of the `num-traits` crate.
//!
//! The numbers themselves have `Bounded`, `ToPrimitive` and `FromPrimitive`.
//! The traits of arithmetic ask for `+ - *` that stay within the type, while ours are exact; [`Closed`] wraps
//! a number with operators that assign each result to its type, and has the other traits.
//! `One`, and with it `Num` and `Signed`, are left out: many formats do not hold 1.

use core::ops::{Add, Mul, Neg, Sub};

use num_traits::{
    Bounded, CheckedAdd, CheckedMul, CheckedNeg, CheckedSub, FromPrimitive, SaturatingAdd, SaturatingMul,
    SaturatingSub, ToPrimitive, WrappingAdd, WrappingMul, WrappingNeg, WrappingSub, Zero,
};

use crate::fixed::{Fixed, Int, UFixed, Uint};
use crate::modes::{OverflowMode, RoundingMode};
use crate::storage::{Storage, Width};
use crate::{Exact, Format, Number, Wide, family};

/// A number whose `+`, `-`, `*` and negation give the same type: each exact result is assigned by the type's
/// modes.
///
/// ```
/// use hls4rs_fixed::{Closed, Fixed, Rnd, Sat};
/// use num_traits::{CheckedAdd, Zero};
///
/// type Number = Closed<Fixed<8, 4, Rnd, Sat>>;
/// let x = Closed(Fixed::from_num(5.5));
/// let total: Number = [x, x].into_iter().fold(Zero::zero(), |total, x| total + x);
/// assert_eq!(total.0.to_bits(), 127); // saturated
/// assert_eq!(x.checked_add(&x), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Closed<T>(pub T);

macro_rules! closed {
    ($(
        $Op:ident::$op:ident, $Checked:ident::$checked:ident,
        $Saturating:ident::$saturating:ident, $Wrapping:ident::$wrapping:ident;
    )*) => {$(
        impl<T: Number> $Op for Closed<T> {
            type Output = Closed<T>;
            #[inline]
            fn $op(self, other: Closed<T>) -> Closed<T> {
                Closed(self.0.exact().$op(other.0).to())
            }
        }

        impl<T: Number> $Checked for Closed<T> {
            fn $checked(&self, other: &Closed<T>) -> Option<Closed<T>> {
                family::checked(self.0.exact().$op(other.0)).map(Closed)
            }
        }

        impl<T: Number> $Saturating for Closed<T> {
            fn $saturating(&self, other: &Closed<T>) -> Closed<T> {
                Closed(family::saturating(self.0.exact().$op(other.0)))
            }
        }

        impl<T: Number> $Wrapping for Closed<T> {
            fn $wrapping(&self, other: &Closed<T>) -> Closed<T> {
                Closed(family::wrapping(self.0.exact().$op(other.0)))
            }
        }
    )*};
}

closed! {
    Add::add, CheckedAdd::checked_add, SaturatingAdd::saturating_add, WrappingAdd::wrapping_add;
    Sub::sub, CheckedSub::checked_sub, SaturatingSub::saturating_sub, WrappingSub::wrapping_sub;
    Mul::mul, CheckedMul::checked_mul, SaturatingMul::saturating_mul, WrappingMul::wrapping_mul;
}

impl<T: Number> Neg for Closed<T> {
    type Output = Closed<T>;
    #[inline]
    fn neg(self) -> Closed<T> {
        Closed((-self.0.exact()).to())
    }
}

impl<T: Number> CheckedNeg for Closed<T> {
    fn checked_neg(&self) -> Option<Closed<T>> {
        family::checked(-self.0.exact()).map(Closed)
    }
}

impl<T: Number> WrappingNeg for Closed<T> {
    fn wrapping_neg(&self) -> Closed<T> {
        Closed(family::wrapping(-self.0.exact()))
    }
}

impl<T: Number> Zero for Closed<T> {
    fn zero() -> Closed<T> {
        Closed(T::default())
    }

    fn is_zero(&self) -> bool {
        self.0 == T::default()
    }
}

impl<T: Number> Bounded for Closed<T> {
    fn min_value() -> Closed<T> {
        Closed(T::MIN)
    }

    fn max_value() -> Closed<T> {
        Closed(T::MAX)
    }
}

/// The value truncated towards zero, if the integer format holds that.
fn truncated(value: Exact, format: Format) -> Option<Wide> {
    if value.overflows(format) { None } else { Some(value.cast(format)) }
}

macro_rules! numbers {
    ($($Type:ident [$($parameter:tt)*] [$($argument:tt)*];)*) => {$(
        impl<$($parameter)*> Bounded for $Type<$($argument)*> where Width<W>: Storage {
            fn min_value() -> Self {
                Self::MIN
            }

            fn max_value() -> Self {
                Self::MAX
            }
        }

        /// Integers are truncated towards zero; floats rounded to nearest.
        impl<$($parameter)*> ToPrimitive for $Type<$($argument)*> where Width<W>: Storage {
            fn to_i64(&self) -> Option<i64> {
                truncated(self.exact(), Format::int(64))?.to_i64()
            }

            fn to_u64(&self) -> Option<u64> {
                Some(truncated(self.exact(), Format::uint(64))?.as_i128_wrapping() as u64)
            }

            fn to_i128(&self) -> Option<i128> {
                truncated(self.exact(), Format::int(128))?.to_i128()
            }

            fn to_u128(&self) -> Option<u128> {
                Some(truncated(self.exact(), Format::uint(128))?.as_i128_wrapping() as u128)
            }

            fn to_f32(&self) -> Option<f32> {
                Some(self.to_num())
            }

            fn to_f64(&self) -> Option<f64> {
                Some(self.to_num())
            }
        }

        /// Rounded by the mode of the type; `None` out of range.
        impl<$($parameter)*> FromPrimitive for $Type<$($argument)*> where Width<W>: Storage {
            fn from_i64(value: i64) -> Option<Self> {
                Self::checked_from_num(value)
            }

            fn from_u64(value: u64) -> Option<Self> {
                Self::checked_from_num(value)
            }

            fn from_i128(value: i128) -> Option<Self> {
                Self::checked_from_num(value)
            }

            fn from_u128(value: u128) -> Option<Self> {
                Self::checked_from_num(value)
            }

            fn from_f32(value: f32) -> Option<Self> {
                Self::checked_from_num(value)
            }

            fn from_f64(value: f64) -> Option<Self> {
                Self::checked_from_num(value)
            }
        }
    )*};
}

numbers! {
    Fixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    UFixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    Int [const W: u32] [W];
    Uint [const W: u32] [W];
}
