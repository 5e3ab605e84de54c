//! Operators and conversions of [`Wide`]: thin shells over its `const` methods.

use core::cmp::Ordering;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Shl, Shr, Sub, SubAssign};

use super::Wide;

impl Ord for Wide {
    #[inline]
    fn cmp(&self, other: &Wide) -> Ordering {
        Wide::cmp(self, other)
    }
}

impl PartialOrd for Wide {
    #[inline]
    fn partial_cmp(&self, other: &Wide) -> Option<Ordering> {
        Some(Ord::cmp(self, other))
    }
}

macro_rules! binary {
    ($($Op:ident::$op:ident, $Assign:ident::$assign:ident;)*) => {$(
        impl $Op for Wide {
            type Output = Wide;
            #[inline]
            fn $op(self, other: Wide) -> Wide {
                Wide::$op(self, other)
            }
        }

        impl $Assign for Wide {
            #[inline]
            fn $assign(&mut self, other: Wide) {
                *self = Wide::$op(*self, other);
            }
        }
    )*};
}

binary! {
    Add::add, AddAssign::add_assign;
    Sub::sub, SubAssign::sub_assign;
    Mul::mul, MulAssign::mul_assign;
}

impl Neg for Wide {
    type Output = Wide;
    #[inline]
    fn neg(self) -> Wide {
        Wide::neg(self)
    }
}

impl Shl<u32> for Wide {
    type Output = Wide;
    #[inline]
    fn shl(self, n: u32) -> Wide {
        Wide::shl(self, n)
    }
}

impl Shr<u32> for Wide {
    type Output = Wide;
    #[inline]
    fn shr(self, n: u32) -> Wide {
        Wide::shr(self, n)
    }
}

impl Sum for Wide {
    fn sum<I: Iterator<Item = Wide>>(values: I) -> Wide {
        values.fold(Wide::ZERO, Wide::add)
    }
}

impl<'a> Sum<&'a Wide> for Wide {
    fn sum<I: Iterator<Item = &'a Wide>>(values: I) -> Wide {
        values.copied().sum()
    }
}

macro_rules! from {
    ($($T:ty)*) => {$(
        impl From<$T> for Wide {
            #[inline]
            fn from(value: $T) -> Wide {
                Wide::from_i128(i128::from(value))
            }
        }
    )*};
}

from! { bool i8 i16 i32 i64 i128 u8 u16 u32 u64 }

impl From<u128> for Wide {
    #[inline]
    fn from(value: u128) -> Wide {
        Wide::from_u128(value)
    }
}
