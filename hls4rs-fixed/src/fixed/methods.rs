//! The inherent methods, the same for every type.

/// Writes the inherent methods of one type.
macro_rules! methods {
    ($Type:ident [$($parameter:tt)*] [$($argument:tt)*] $Bits:ident) => {
        impl<$($parameter)*> $Type<$($argument)*> where Width<W>: Storage {
            /// The format of the type.
            pub const FORMAT: Format = <Self as Number>::FORMAT;
            /// The least number.
            pub const MIN: Self = <Self as Number>::MIN;
            /// The greatest number.
            pub const MAX: Self = <Self as Number>::MAX;

            /// The number with this raw integer; bits beyond the width are ignored.
            #[inline(always)]
            pub fn from_bits(bits: <Width<W> as Storage>::$Bits) -> Self {
                <Self as Number>::from_bits(bits)
            }

            /// The raw integer, within the range of the format.
            #[inline(always)]
            pub const fn to_bits(self) -> <Width<W> as Storage>::$Bits {
                self.bits
            }

            /// Assigns a number of any kind: rounded and brought into range by the modes of the type.
            ///
            /// Infinity and NaN count as finite numbers of 2^1024 and more, as in
            /// [`from_f64`](crate::from_f64).
            #[inline(always)]
            pub fn from_num<N: Num>(value: N) -> Self {
                value.assign()
            }

            /// Turns the number into another kind.
            ///
            /// Floats are rounded to nearest, ties to even; integers truncated towards zero and wrapped, as
            /// by C++; other formats act by their modes.
            #[inline(always)]
            pub fn to_num<N: Num>(self) -> N {
                N::from_exact(self.exact())
            }

            /// Assigns the number to a variable of another format: the one cast.
            #[inline(always)]
            pub fn to<T: Number>(self) -> T {
                self.exact().to()
            }

            /// The number as an exact value.
            #[inline(always)]
            pub fn exact(self) -> Exact {
                Operand::exact(self)
            }

            /// The number nearest to `value` by the rounding mode, or `None` if that is out of range (or not
            /// finite).
            #[inline]
            pub fn checked_from_num<N: Num>(value: N) -> Option<Self> {
                family::checked_from(value)
            }

            /// As [`from_num`](Self::from_num), with the nearest end of the range for what is outside.
            #[inline]
            pub fn saturating_from_num<N: Num>(value: N) -> Self {
                family::saturating(value.source())
            }

            /// As [`from_num`](Self::from_num), modulo the range.
            #[inline]
            pub fn wrapping_from_num<N: Num>(value: N) -> Self {
                family::wrapping(value.source())
            }

            /// [`wrapping_from_num`](Self::wrapping_from_num), and whether the value was out of range.
            #[inline]
            pub fn overflowing_from_num<N: Num>(value: N) -> (Self, bool) {
                family::overflowing(value.source())
            }

            methods::families! {
                add checked_add saturating_add wrapping_add overflowing_add (other) "sum";
                sub checked_sub saturating_sub wrapping_sub overflowing_sub (other) "difference";
                mul checked_mul saturating_mul wrapping_mul overflowing_mul (other) "product, rounded by the type's mode";
                neg checked_neg saturating_neg wrapping_neg overflowing_neg () "negation";
            }
        }
    };
}

/// The four ways to deal with a result out of range, for each operation within the type.
macro_rules! families {
    ($(
        $op:ident $checked:ident $saturating:ident $wrapping:ident $overflowing:ident
        ($($other:ident)?) $result:literal;
    )*) => {$(
        #[doc = concat!("The ", $result, "; `None` if it is out of range.")]
        #[inline]
        pub fn $checked(self $(, $other: Self)?) -> Option<Self> {
            family::checked(self.exact().$op($($other)?))
        }

        #[doc = concat!("The ", $result, "; the nearest end of the range if it is outside.")]
        #[inline]
        pub fn $saturating(self $(, $other: Self)?) -> Self {
            family::saturating(self.exact().$op($($other)?))
        }

        #[doc = concat!("The ", $result, "; modulo the range.")]
        #[inline]
        pub fn $wrapping(self $(, $other: Self)?) -> Self {
            family::wrapping(self.exact().$op($($other)?))
        }

        #[doc = concat!("The ", $result, "; modulo the range, and whether it was outside.")]
        #[inline]
        pub fn $overflowing(self $(, $other: Self)?) -> (Self, bool) {
            family::overflowing(self.exact().$op($($other)?))
        }
    )*};
}

pub(super) use {families, methods};
