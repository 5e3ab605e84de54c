//! The smallest primitive integer for each width.

use core::fmt;
use core::hash::Hash;

use crate::Wide;
use crate::sealed::Sealed;

/// A width of 1 to 128 bits as a type; [`Storage`] names its integers.
#[derive(Clone, Copy, Debug)]
pub struct Width<const W: u32>;

/// The smallest primitive integers of at least `W` bits, for [`Width<1>`](Width) to `Width<128>`.
///
/// Concrete types such as `Fixed<16, 6>` need no bound; code that is generic over the width writes
/// `where Width<W>: Storage`, or is generic over [`Number`](crate::Number) instead.
#[diagnostic::on_unimplemented(
    message = "there is no fixed-point number of this width",
    label = "the width must be 1 to 128",
    note = "code generic over the width needs `where hls4rs_fixed::Width<W>: hls4rs_fixed::Storage`"
)]
pub trait Storage: Sealed {
    /// The integer that holds signed numbers.
    type Signed: Bits;
    /// The integer that holds unsigned numbers.
    type Unsigned: Bits;
    /// The least signed number.
    const SIGNED_MIN: Self::Signed;
    /// The greatest signed number.
    const SIGNED_MAX: Self::Signed;
    /// The greatest unsigned number.
    const UNSIGNED_MAX: Self::Unsigned;
}

/// A primitive integer that holds the bits of a number.
pub trait Bits:
    Sealed
    + Copy
    + Ord
    + Hash
    + Default
    + fmt::Debug
    + fmt::Display
    + fmt::Binary
    + fmt::LowerHex
    + fmt::UpperHex
    + fmt::Octal
    + Send
    + Sync
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The low bits of `value`.
    fn from_i64(value: i64) -> Self;
    /// The value, modulo 2^64.
    fn to_i64(self) -> i64;
    /// The low bits of `value`.
    fn from_i128(value: i128) -> Self;
    /// The value, modulo 2^128.
    fn to_i128(self) -> i128;
    /// The value.
    fn to_wide(self) -> Wide;
    /// The value modulo 2^width, sign-extended or zero-extended according to the type.
    fn wrap(self, width: u32) -> Self;
}

macro_rules! bits {
    ($($T:ident)*) => {$(
        impl Sealed for $T {}

        impl Bits for $T {
            const ZERO: $T = 0;
            const ONE: $T = 1;
            #[inline(always)]
            fn from_i64(value: i64) -> $T {
                value as $T
            }
            #[inline(always)]
            fn to_i64(self) -> i64 {
                self as i64
            }
            #[inline(always)]
            fn from_i128(value: i128) -> $T {
                value as $T
            }
            #[inline(always)]
            fn to_i128(self) -> i128 {
                self as i128
            }
            #[inline(always)]
            fn to_wide(self) -> Wide {
                Wide::from(self)
            }
            #[inline(always)]
            fn wrap(self, width: u32) -> $T {
                let n = $T::BITS - width;
                self << n >> n
            }
        }
    )*};
}

bits! { i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 }

macro_rules! storage {
    ($($S:ident $U:ident: $($w:literal)*;)*) => {$($(
        impl Sealed for Width<$w> {}

        #[diagnostic::do_not_recommend]
        impl Storage for Width<$w> {
            type Signed = $S;
            type Unsigned = $U;
            const SIGNED_MIN: $S = $S::MIN >> ($S::BITS - $w);
            const SIGNED_MAX: $S = $S::MAX >> ($S::BITS - $w);
            const UNSIGNED_MAX: $U = $U::MAX >> ($U::BITS - $w);
        }
    )*)*};
}

storage! {
    i8 u8: 1 2 3 4 5 6 7 8;
    i16 u16: 9 10 11 12 13 14 15 16;
    i32 u32: 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32;
    i64 u64: 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64;
    i128 u128: 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96
        97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123
        124 125 126 127 128;
}
