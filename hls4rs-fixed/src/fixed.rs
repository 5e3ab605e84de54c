//! The number types.

mod methods;
mod ops;

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Shl, Shr, Sub, SubAssign};
use core::str::FromStr;

use crate::modes::{OverflowMode, RoundingMode, Trn, Wrap};
use crate::sealed::Sealed;
use crate::storage::{Bits, Storage, Width};
use crate::{Exact, Format, Num, Number, Operand, ParseNumberError, arith, decimal, exact, family};

/// A signed fixed-point number of `W` bits, `I` of them left of the binary point (sign included).
///
/// `Q` and `O` are the modes of assignment: rounding ([`RoundingMode`]) and overflow ([`OverflowMode`]).
/// The number is stored in the smallest primitive integer, as `ap_fixed<W, I, Q, O>` would be in hardware.
/// Widths go from 1 to 128; `I` may be negative or exceed `W`, from -255 to 255.
///
/// `+`, `-` and `*` of any two numbers give an [`Exact`] value, which rounds and overflows when it is
/// assigned: with [`to`](Exact::to), or with `+=`, `-=` and `*=` by the modes of the left side.
/// `<<` and `>>` move the bits within the format, without regard to the modes, as in C++.
///
/// ```
/// use hls4rs_fixed::{Fixed, Rnd, Sat};
///
/// let mut total = Fixed::<8, 4, Rnd, Sat>::from_num(7.5);
/// let step = Fixed::<16, 6>::from_num(0.34375);
/// total += step;
/// assert_eq!(total.to_bits(), 0x7e); // 7.84375 is 125.5 sixteenths, rounded up
/// total += step;
/// assert_eq!(total, Fixed::<8, 4>::MAX);
///
/// assert_eq!((step - total).to::<Fixed<8, 4>>().to_string(), "-7.625"); // truncated from -7.59375
/// const HALF: Fixed<8, 4> = Fixed::constant::<8>();
/// assert!(step < HALF);
/// ```
pub struct Fixed<const W: u32, const I: i32, Q: RoundingMode = Trn, O: OverflowMode = Wrap>
where
    Width<W>: Storage,
{
    bits: <Width<W> as Storage>::Signed,
    modes: PhantomData<fn() -> (Q, O)>,
}

/// An unsigned fixed-point number of `W` bits, `I` of them left of the binary point; otherwise as [`Fixed`].
///
/// ```
/// use hls4rs_fixed::{SatSym, UFixed, RndConv};
/// let x = UFixed::<8, 0, RndConv, SatSym>::from_num(0.501953125); // 128.5 steps of 1/256, a tie
/// assert_eq!(x.to_bits(), 128);
/// ```
pub struct UFixed<const W: u32, const I: i32, Q: RoundingMode = Trn, O: OverflowMode = Wrap>
where
    Width<W>: Storage,
{
    bits: <Width<W> as Storage>::Unsigned,
    modes: PhantomData<fn() -> (Q, O)>,
}

/// A signed integer of `W` bits; assignments truncate towards zero and wrap, as `ap_int<W>` does.
///
/// ```
/// use hls4rs_fixed::{Fixed, Int};
/// let x = Fixed::<16, 6>::from_num(-3.75);
/// assert_eq!(x.to::<Int<8>>().to_bits(), -3);
/// assert_eq!(x.to::<Fixed<8, 8>>().to_bits(), -4);
/// ```
pub struct Int<const W: u32>
where
    Width<W>: Storage,
{
    bits: <Width<W> as Storage>::Signed,
}

/// An unsigned integer of `W` bits; assignments truncate towards zero and wrap, as `ap_uint<W>` does.
///
/// ```
/// use hls4rs_fixed::Uint;
/// assert_eq!(Uint::<3>::from_num(11.9).to_bits(), 3);
/// ```
pub struct Uint<const W: u32>
where
    Width<W>: Storage,
{
    bits: <Width<W> as Storage>::Unsigned,
}

/// The greatest magnitude of `I` in a type: sums of any two formats then stay within the bounds of [`Exact`].
const MAX_TYPE_INT_BITS: u32 = 255;

const fn legal(format: Format) -> Format {
    assert!(
        format.check().is_ok(),
        "this type has an illegal format: more saturated bits than bits, or `UFixed` with `WrapSm`"
    );
    assert!(
        format.int_bits.unsigned_abs() <= MAX_TYPE_INT_BITS,
        "this type has more than 255 integer bits, or fewer than -255"
    );
    format
}

/// Implements [`Number`] and what it rests on, once for each type.
macro_rules! numbers {
    ($($Type:ident [$($parameter:tt)*] [$($argument:tt)*] {
        bits: $Bits:ident, min: $min:expr, max: $MAX:ident, modes: $($modes:expr)?, format: $format:expr
    })*) => {$(
        impl<$($parameter)*> Sealed for $Type<$($argument)*> where Width<W>: Storage {}

        impl<$($parameter)*> Clone for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($parameter)*> Copy for $Type<$($argument)*> where Width<W>: Storage {}

        impl<$($parameter)*> Default for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn default() -> Self {
                numbers!(@new Bits::ZERO $(, $modes)?)
            }
        }

        impl<$($parameter)*> Hash for $Type<$($argument)*> where Width<W>: Storage {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.bits.hash(state);
            }
        }

        impl<$($parameter)*> Number for $Type<$($argument)*> where Width<W>: Storage {
            const FORMAT: Format = legal($format);
            const MIN: Self = numbers!(@new $min $(, $modes)?);
            const MAX: Self = numbers!(@new <Width<W> as Storage>::$MAX $(, $modes)?);
            type Bits = <Width<W> as Storage>::$Bits;

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> Self {
                let bits = bits.wrap(W);
                numbers!(@new bits $(, $modes)?)
            }

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                self.bits
            }
        }

        impl<$($parameter)*> Operand for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn exact(self) -> Exact {
                Exact::from_wide_or_narrow(self.bits, <Self as Number>::FORMAT)
            }
        }

        impl<$($parameter)*> Num for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn source(self) -> Exact {
                Operand::exact(self)
            }

            #[inline(always)]
            fn from_exact(value: Exact) -> Self {
                value.to()
            }
        }

        impl<$($parameter)*> $Type<$($argument)*> where Width<W>: Storage {
            /// Zero.
            pub const ZERO: Self = numbers!(@new Bits::ZERO $(, $modes)?);

            /// The number with raw integer 1, the distance between neighbours.
            ///
            /// A signed type of one bit does not have it; using it there does not compile.
            pub const DELTA: Self = {
                assert!(
                    !Self::FORMAT.signed || W > 1,
                    "a signed number of one bit is 0 or the negative of its last bit"
                );
                numbers!(@new Bits::ONE $(, $modes)?)
            };

            /// The number with the raw integer `RAW`, in constants too; out of range it does not compile.
            ///
            /// ```
            /// use hls4rs_fixed::Fixed;
            /// const THIRD: Fixed<16, 6> = Fixed::constant::<341>();
            /// assert_eq!(THIRD.to_num::<f64>(), 0.3330078125);
            /// ```
            #[inline(always)]
            pub const fn constant<const RAW: i128>() -> Self
            where
                <Width<W> as Storage>::$Bits: Literal<RAW>,
            {
                const {
                    assert!(
                        Self::FORMAT.contains_raw(crate::Wide::from_i128(RAW)),
                        "the raw integer is out of range"
                    )
                };
                numbers!(@new <<Width<W> as Storage>::$Bits as Literal<RAW>>::VALUE $(, $modes)?)
            }
        }

        methods::methods!($Type [$($parameter)*] [$($argument)*] $Bits);
        ops::ops!($Type [$($parameter)*] [$($argument)*]);
    )*};
    (@new $bits:expr, $modes:expr) => { Self { bits: $bits, modes: $modes } };
    (@new $bits:expr) => { Self { bits: $bits } };
}

numbers! {
    Fixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O] {
        bits: Signed, min: <Width<W> as Storage>::SIGNED_MIN, max: SIGNED_MAX, modes: PhantomData,
        format: Format::fixed(W, I).with_rounding(Q::ROUNDING).with_overflow(O::OVERFLOW)
    }
    UFixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O] {
        bits: Unsigned, min: Bits::ZERO, max: UNSIGNED_MAX, modes: PhantomData,
        format: Format::ufixed(W, I).with_rounding(Q::ROUNDING).with_overflow(O::OVERFLOW)
    }
    Int [const W: u32] [W] {
        bits: Signed, min: <Width<W> as Storage>::SIGNED_MIN, max: SIGNED_MAX, modes:, format: Format::int(W)
    }
    Uint [const W: u32] [W] {
        bits: Unsigned, min: Bits::ZERO, max: UNSIGNED_MAX, modes:, format: Format::uint(W)
    }
}

/// A primitive integer as a constant made from `RAW`.
pub trait Literal<const RAW: i128>: Sealed {
    /// The value.
    const VALUE: Self;
}

macro_rules! literal {
    ($($T:ident)*) => {$(
        impl<const RAW: i128> Literal<RAW> for $T {
            const VALUE: $T = RAW as $T;
        }
    )*};
}

literal! { i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 }
