//! Operators, comparison and text, the same for every type.

/// Writes the operator and formatting impls of one type.
macro_rules! ops {
    ($Type:ident [$($parameter:tt)*] [$($argument:tt)*]) => {
        ops::binary! { $Type [$($parameter)*] [$($argument)*]
            Add add AddAssign add_assign;
            Sub sub SubAssign sub_assign;
            Mul mul MulAssign mul_assign;
        }

        impl<$($parameter)*> Neg for $Type<$($argument)*> where Width<W>: Storage {
            type Output = Exact;
            #[inline(always)]
            fn neg(self) -> Exact {
                -self.exact()
            }
        }

        /// Moves the bits up (down for a negative count) and drops what leaves the width; the modes play no
        /// part.
        impl<$($parameter)*> Shl<i32> for $Type<$($argument)*> where Width<W>: Storage {
            type Output = Self;
            #[inline]
            fn shl(self, n: i32) -> Self {
                Self::from_raw(arith::shl(self.wide(), Self::FORMAT, n).as_i128_wrapping())
            }
        }

        /// Moves the bits down (up for a negative count), towards minus infinity; the modes play no part.
        impl<$($parameter)*> Shr<i32> for $Type<$($argument)*> where Width<W>: Storage {
            type Output = Self;
            #[inline]
            fn shr(self, n: i32) -> Self {
                Self::from_raw(arith::shr(self.wide(), Self::FORMAT, n).as_i128_wrapping())
            }
        }

        impl<$($parameter)*> Eq for $Type<$($argument)*> where Width<W>: Storage {}

        impl<$($parameter)*> Ord for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn cmp(&self, other: &Self) -> Ordering {
                self.bits.cmp(&other.bits)
            }
        }

        /// Exact, whatever the formats.
        impl<$($parameter)*, R: Operand> PartialEq<R> for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn eq(&self, other: &R) -> bool {
                exact::compare(self.exact(), other.exact()).is_eq()
            }
        }

        /// Exact, whatever the formats.
        impl<$($parameter)*, R: Operand> PartialOrd<R> for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn partial_cmp(&self, other: &R) -> Option<Ordering> {
                Some(exact::compare(self.exact(), other.exact()))
            }
        }

        /// The exact decimal expansion; a precision rounds to nearest, ties to even.
        impl<$($parameter)*> fmt::Display for $Type<$($argument)*> where Width<W>: Storage {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.exact(), f)
            }
        }

        /// The format and the exact decimal expansion: `fixed<8,4>(-0.25)`.
        impl<$($parameter)*> fmt::Debug for $Type<$($argument)*> where Width<W>: Storage {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", Self::FORMAT)
            }
        }

        /// Reads a decimal number and assigns it, rounded once, by the modes of the type.
        impl<$($parameter)*> FromStr for $Type<$($argument)*> where Width<W>: Storage {
            type Err = ParseNumberError;
            fn from_str(text: &str) -> Result<Self, ParseNumberError> {
                decimal::read(text)
            }
        }
    };
}

/// Exact operators, and the compound ones that assign to the left side.
macro_rules! binary {
    ($Type:ident $parameters:tt $arguments:tt $($Op:ident $op:ident $Assign:ident $assign:ident;)*) => {$(
        ops::binary! { @one $Type $parameters $arguments $Op $op $Assign $assign }
    )*};
    (@one $Type:ident [$($parameter:tt)*] [$($argument:tt)*] $Op:ident $op:ident $Assign:ident $assign:ident) => {
        impl<$($parameter)*, R: Operand> $Op<R> for $Type<$($argument)*> where Width<W>: Storage {
            type Output = Exact;
            #[inline(always)]
            fn $op(self, other: R) -> Exact {
                self.exact().$op(other)
            }
        }

        impl<$($parameter)*, R: Operand> $Assign<R> for $Type<$($argument)*> where Width<W>: Storage {
            #[inline(always)]
            fn $assign(&mut self, other: R) {
                *self = self.exact().$op(other).to();
            }
        }
    };
}

pub(super) use {binary, ops};
