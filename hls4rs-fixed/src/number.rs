//! What the four number types have in common, and what converts to and from them.

use core::fmt::{Debug, Display};
use core::hash::Hash;

use crate::sealed::Sealed;
use crate::storage::Bits;
use crate::{Exact, Format, FromFloat, Wide, from_f64};

/// A fixed-point number whose format is part of its type: [`Fixed`](crate::Fixed), [`UFixed`](crate::UFixed),
/// [`Int`](crate::Int) or [`Uint`](crate::Uint).
///
/// For code generic over formats. The same methods exist on the types themselves.
///
/// ```
/// use hls4rs_fixed::{Exact, Fixed, Number, UFixed};
///
/// fn dot<A: Number, B: Number>(a: &[A], b: &[B]) -> Exact {
///     a.iter().zip(b).map(|(a, b)| a.exact() * b.exact()).sum()
/// }
///
/// let x = [1.5, -2.0].map(Fixed::<8, 3>::from_num);
/// let w = [0.25, 0.75].map(UFixed::<4, 0>::from_num);
/// assert_eq!(dot(&x, &w).to::<Fixed<16, 6>>().to_bits(), -1152); // -1.125 · 1024
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fixed-point number",
    label = "expected `Fixed<W, I>`, `UFixed<W, I>`, `Int<W>` or `Uint<W>`"
)]
pub trait Number:
    Sealed + Copy + Ord + Hash + Default + Debug + Display + Operand + Num + Send + Sync + 'static
{
    /// The format. A type with an illegal one does not compile where this is used.
    const FORMAT: Format;
    /// The least number.
    const MIN: Self;
    /// The greatest number.
    const MAX: Self;
    /// The smallest primitive integer with at least `FORMAT.width` bits.
    type Bits: Bits;

    /// The number with this raw integer, taken modulo `2^width`.
    fn from_bits(bits: Self::Bits) -> Self;

    /// The raw integer.
    fn to_bits(self) -> Self::Bits;

    /// The number with this raw integer, taken modulo `2^width`.
    #[inline(always)]
    fn from_raw(raw: i128) -> Self {
        Self::from_bits(Self::Bits::from_i128(raw))
    }

    /// The raw integer; of an unsigned number of 128 bits, its pattern.
    #[inline(always)]
    fn raw(self) -> i128 {
        self.to_bits().to_i128()
    }

    /// The raw integer.
    #[inline(always)]
    fn wide(self) -> Wide {
        self.to_bits().to_wide()
    }

    /// The number with this raw integer, taken modulo `2^width`; for numbers of at most 64 bits.
    #[inline(always)]
    fn from_i64(raw: i64) -> Self {
        Self::from_bits(Self::Bits::from_i64(raw))
    }

    /// The raw integer, modulo `2^64`; exact for signed numbers of at most 64 bits and unsigned ones of at
    /// most 63.
    #[inline(always)]
    fn to_i64(self) -> i64 {
        self.to_bits().to_i64()
    }
}

/// What can stand on the right of `+ - *`: numbers of any format, [`Exact`] values, and the primitive
/// integers.
///
/// An integer counts as a number of its own width without fraction bits, as in C++.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no exact fixed-point value",
    label = "expected a fixed-point number, an `Exact` value or a primitive integer",
    note = "convert a float to a format first: `Fixed::<16, 6>::from_num(0.5)`"
)]
pub trait Operand: Sealed + Copy {
    /// The exact value.
    fn exact(self) -> Exact;
}

/// What a number can be made from and turned into: numbers of any format, primitive integers, `f32` and
/// `f64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert to or from fixed-point numbers",
    label = "expected a primitive number or a fixed-point number"
)]
pub trait Num: Sealed + Copy {
    /// The exact value. Infinity and NaN count as finite, see [`from_f64`].
    #[doc(hidden)]
    fn source(self) -> Exact;

    /// Whether the value is finite.
    #[doc(hidden)]
    #[inline(always)]
    fn is_finite(self) -> bool {
        true
    }

    /// Assigns the value to a variable of type `T`.
    #[doc(hidden)]
    #[inline(always)]
    fn assign<T: Number>(self) -> T {
        self.source().to()
    }

    /// What the exact value becomes in this type.
    #[doc(hidden)]
    fn from_exact(value: Exact) -> Self;
}

macro_rules! integers {
    ($($T:ident: $format:expr;)*) => {$(
        impl Operand for $T {
            #[inline(always)]
            fn exact(self) -> Exact {
                Exact::from_wide_or_narrow(self, $format)
            }
        }

        impl Num for $T {
            #[inline(always)]
            fn source(self) -> Exact {
                self.exact()
            }

            /// Truncates towards zero, then wraps.
            #[inline(always)]
            fn from_exact(value: Exact) -> $T {
                value.cast($format).as_i128_wrapping() as $T
            }
        }
    )*};
}

integers! {
    i8: Format::int(8);
    i16: Format::int(16);
    i32: Format::int(32);
    i64: Format::int(64);
    i128: Format::int(128);
    u8: Format::uint(8);
    u16: Format::uint(16);
    u32: Format::uint(32);
    u64: Format::uint(64);
    u128: Format::uint(128);
}

impl Sealed for f64 {}

impl Num for f64 {
    fn source(self) -> Exact {
        Exact::from_dyadic(self)
    }

    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    #[inline(always)]
    fn assign<T: Number>(self) -> T {
        if const { T::FORMAT.container_bits() <= 64 } {
            T::from_i64(const { FromFloat::new(T::FORMAT) }.i64(self))
        } else {
            T::from_raw(from_f64(self, T::FORMAT).as_i128_wrapping())
        }
    }

    #[inline]
    fn from_exact(value: Exact) -> f64 {
        value.to_f64()
    }
}

impl Sealed for f32 {}

impl Num for f32 {
    fn source(self) -> Exact {
        f64::from(self).source()
    }

    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }

    #[inline(always)]
    fn assign<T: Number>(self) -> T {
        f64::from(self).assign()
    }

    #[inline]
    fn from_exact(value: Exact) -> f32 {
        value.to_f32()
    }
}
