//! A 256-bit two's complement integer, wide enough for every raw value of a legal [`Format`](crate::Format).

mod text;
mod traits;

pub use text::ParseWideError;

use core::cmp::Ordering;

/// A 256-bit two's complement integer.
///
/// Every inherent method is `const`; `+ - *`, negation and `<<` wrap modulo 2^256, as the operators do.
///
/// ```
/// use hls4rs_fixed::Wide;
///
/// const BIG: Wide = Wide::ONE.shl(200).sub(Wide::ONE);
/// assert_eq!(BIG.bits(), 201); // 200 ones and the sign
/// assert_eq!(BIG.shr(190), Wide::from(1023));
/// assert_eq!(Wide::from(-5).shr(1).to_i128(), Some(-3)); // the arithmetic shift is a floor
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wide {
    hi: i128,
    lo: u128,
}

impl Wide {
    /// Zero.
    pub const ZERO: Wide = Wide { hi: 0, lo: 0 };
    /// One.
    pub const ONE: Wide = Wide { hi: 0, lo: 1 };
    /// The greatest value, 2^255 - 1.
    pub const MAX: Wide = Wide { hi: i128::MAX, lo: u128::MAX };
    /// The least value, -2^255.
    pub const MIN: Wide = Wide { hi: i128::MIN, lo: 0 };
    /// The number of bits, 256.
    pub const BITS: u32 = 256;

    /// The value whose upper and lower 128 bits are `hi` and `lo`.
    #[inline]
    pub const fn from_parts(hi: i128, lo: u128) -> Wide {
        Wide { hi, lo }
    }

    /// The upper 128 bits (with the sign) and the lower 128 bits.
    #[inline]
    pub const fn to_parts(self) -> (i128, u128) {
        (self.hi, self.lo)
    }

    /// Sign-extends an `i128`.
    #[inline]
    pub const fn from_i128(value: i128) -> Wide {
        Wide { hi: value >> 127, lo: value as u128 }
    }

    /// Sign-extends an `i64`.
    #[inline]
    pub const fn from_i64(value: i64) -> Wide {
        Wide::from_i128(value as i128)
    }

    /// Zero-extends a `u128`.
    #[inline]
    pub const fn from_u128(value: u128) -> Wide {
        Wide { hi: 0, lo: value }
    }

    /// The same value as an `i128`, or `None` where it does not fit.
    #[inline]
    pub const fn to_i128(self) -> Option<i128> {
        let low = self.lo as i128;
        if self.hi == low >> 127 { Some(low) } else { None }
    }

    /// The same value as an `i64`, or `None` where it does not fit.
    #[inline]
    pub const fn to_i64(self) -> Option<i64> {
        let low = self.lo as i64;
        if self.lo == low as i128 as u128 && self.hi == (low >> 63) as i128 { Some(low) } else { None }
    }

    /// The lower 128 bits read as two's complement.
    #[inline]
    pub const fn as_i128_wrapping(self) -> i128 {
        self.lo as i128
    }

    /// `self + other` modulo 2^256.
    #[inline]
    pub const fn add(self, other: Wide) -> Wide {
        let (lo, carry) = self.lo.overflowing_add(other.lo);
        Wide { hi: self.hi.wrapping_add(other.hi).wrapping_add(carry as i128), lo }
    }

    /// `self - other` modulo 2^256.
    #[inline]
    pub const fn sub(self, other: Wide) -> Wide {
        let (lo, borrow) = self.lo.overflowing_sub(other.lo);
        Wide { hi: self.hi.wrapping_sub(other.hi).wrapping_sub(borrow as i128), lo }
    }

    /// `-self` modulo 2^256.
    #[inline]
    pub const fn neg(self) -> Wide {
        Wide::ZERO.sub(self)
    }

    /// The lower 256 bits of `self * other`.
    #[inline]
    pub const fn mul(self, other: Wide) -> Wide {
        let (lo, carry) = full_product(self.lo, other.lo);
        let cross =
            self.hi.wrapping_mul(other.lo as i128).wrapping_add(other.hi.wrapping_mul(self.lo as i128));
        Wide { hi: (carry as i128).wrapping_add(cross), lo }
    }

    /// `self / n`, truncated toward zero.
    ///
    /// ```
    /// use hls4rs_fixed::Wide;
    /// assert_eq!(Wide::from(-7).quotient(2), Wide::from(-3));
    /// let large = Wide::ONE.shl(200).sub(Wide::ONE);
    /// assert_eq!(large.mul(Wide::from(1001)).add(Wide::from(1000)).quotient(1001), large);
    /// ```
    ///
    /// # Panics
    /// If `n` is zero.
    pub const fn quotient(self, n: u64) -> Wide {
        let (hi, lo) = self.abs().to_parts();
        let (n, half) = (n as u128, u64::MAX as u128);
        let hi = hi as u128;
        // Four digits of 64 bits; what is left of one goes before the next.
        let a = hi / n;
        let b = ((hi % n) << 64) | (lo >> 64);
        let c = ((b % n) << 64) | (lo & half);
        let magnitude = Wide { hi: a as i128, lo: ((b / n) << 64) | (c / n) };
        if self.is_negative() { magnitude.neg() } else { magnitude }
    }

    /// `self * 2^n` modulo 2^256; zero for `n >= 256`.
    #[inline]
    pub const fn shl(self, n: u32) -> Wide {
        if n == 0 {
            self
        } else if n < 128 {
            Wide { hi: (self.hi << n) | (self.lo >> (128 - n)) as i128, lo: self.lo << n }
        } else if n < 256 {
            Wide { hi: (self.lo << (n - 128)) as i128, lo: 0 }
        } else {
            Wide::ZERO
        }
    }

    /// `floor(self / 2^n)`, the arithmetic shift; 0 or -1 for `n >= 256`.
    #[inline]
    pub const fn shr(self, n: u32) -> Wide {
        if n == 0 {
            self
        } else if n < 128 {
            Wide { hi: self.hi >> n, lo: (self.lo >> n) | (self.hi << (128 - n)) as u128 }
        } else if n < 256 {
            Wide { hi: self.hi >> 127, lo: (self.hi >> (n - 128)) as u128 }
        } else {
            Wide::from_i128(self.hi >> 127)
        }
    }

    /// Bitwise and.
    #[inline]
    pub const fn and(self, other: Wide) -> Wide {
        Wide { hi: self.hi & other.hi, lo: self.lo & other.lo }
    }

    /// Bitwise or.
    #[inline]
    pub const fn or(self, other: Wide) -> Wide {
        Wide { hi: self.hi | other.hi, lo: self.lo | other.lo }
    }

    /// Bitwise complement, `-self - 1`.
    #[inline]
    pub const fn not(self) -> Wide {
        Wide { hi: !self.hi, lo: !self.lo }
    }

    /// Whether the value is below zero.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.hi < 0
    }

    /// Whether the value is zero.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.hi == 0 && self.lo == 0
    }

    /// The absolute value; `MIN` stays `MIN`.
    #[inline]
    pub const fn abs(self) -> Wide {
        if self.is_negative() { self.neg() } else { self }
    }

    /// Compares two values; the `const` form of [`Ord::cmp`].
    #[inline]
    pub const fn cmp(&self, other: &Wide) -> Ordering {
        if self.lt(other) {
            Ordering::Less
        } else if self.eq(other) {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }

    /// `self < other`.
    #[inline]
    pub const fn lt(&self, other: &Wide) -> bool {
        self.hi < other.hi || (self.hi == other.hi && self.lo < other.lo)
    }

    /// `self <= other`.
    #[inline]
    pub const fn le(&self, other: &Wide) -> bool {
        !other.lt(self)
    }

    /// `self == other`.
    #[inline]
    pub const fn eq(&self, other: &Wide) -> bool {
        self.hi == other.hi && self.lo == other.lo
    }

    /// Bit `index` of the two's complement pattern; the sign for `index >= 256`.
    #[inline]
    pub const fn bit(self, index: u32) -> bool {
        if index < 128 {
            (self.lo >> index) & 1 == 1
        } else if index < 256 {
            (self.hi >> (index - 128)) & 1 == 1
        } else {
            self.hi < 0
        }
    }

    /// The least two's complement width that holds the value, sign included: 1 for 0 and -1, 2 for 1.
    #[inline]
    pub const fn bits(self) -> u32 {
        let folded = if self.is_negative() { self.not() } else { self };
        if folded.hi != 0 { 257 - folded.hi.leading_zeros() } else { 129 - folded.lo.leading_zeros() }
    }

    /// The number of zero bits below the lowest one; 256 for zero.
    #[inline]
    pub const fn trailing_zeros(self) -> u32 {
        if self.lo != 0 { self.lo.trailing_zeros() } else { 128 + self.hi.trailing_zeros() }
    }

    /// The nearest `f64`, ties to even.
    ///
    /// ```
    /// use hls4rs_fixed::Wide;
    /// assert_eq!(Wide::from((1i64 << 53) + 1).to_f64(), 9007199254740992.0); // a tie, to even
    /// ```
    #[inline]
    pub const fn to_f64(self) -> f64 {
        crate::float::to_f64(self, 0)
    }
}

/// The lower and upper 128 bits of a product.
const fn full_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_hi, a_lo, b_hi, b_lo) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a_lo * b_lo;
    let middle = a_hi * b_lo + (low >> 64);
    let other = a_lo * b_hi + (middle & LOW);
    (other << 64 | low & LOW, a_hi * b_hi + (middle >> 64) + (other >> 64))
}
