//! A 256-bit integer, for exact intermediate values.

use core::cmp::Ordering;
use core::fmt;
use core::iter::Sum;
use core::ops::{Add, Mul, Neg, Shl, Shr, Sub};
use core::str::FromStr;

/// A 256-bit two's complement integer.
///
/// Sums, differences and products wrap modulo `2^256`; everything that hls4rs computes stays far below.
///
/// ```
/// use hls4rs_fixed::Wide;
/// let a = Wide::from_i128(i128::MAX);
/// assert_eq!((a * a).to_string(), "28948022309329048855892746252171976962977213799489202546401021394546514198529");
/// assert_eq!((a * a >> 200).to_i128(), Some(i128::pow(2, 54) - 1));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Wide {
    hi: i128,
    lo: u128,
}

impl Wide {
    /// 0.
    pub const ZERO: Self = Self { hi: 0, lo: 0 };
    /// 1.
    pub const ONE: Self = Self { hi: 0, lo: 1 };
    /// The number of bits.
    pub const BITS: u32 = 256;

    /// The value of an `i128`.
    pub const fn from_i128(value: i128) -> Self {
        Self { hi: value >> 127, lo: value.cast_unsigned() }
    }

    /// The value of a `u128`.
    pub const fn from_u128(value: u128) -> Self {
        Self { hi: 0, lo: value }
    }

    /// The value of an `i64`.
    pub const fn from_i64(value: i64) -> Self {
        Self::from_i128(value as i128)
    }

    /// The value as `i128`, if it fits.
    pub const fn to_i128(self) -> Option<i128> {
        let low = self.as_i128_wrapping();
        if low >> 127 == self.hi { Some(low) } else { None }
    }

    /// The low 128 bits.
    pub const fn as_i128_wrapping(self) -> i128 {
        self.lo.cast_signed()
    }

    /// Whether the value is below zero.
    pub const fn is_negative(self) -> bool {
        self.hi < 0
    }

    /// `self + other`, wrapping.
    pub const fn add(self, other: Self) -> Self {
        let (lo, carry) = self.lo.overflowing_add(other.lo);
        Self { hi: self.hi.wrapping_add(other.hi).wrapping_add(carry as i128), lo }
    }

    /// `-self`, wrapping.
    pub const fn neg(self) -> Self {
        Self { hi: !self.hi, lo: !self.lo }.add(Self::ONE)
    }

    /// `self - other`, wrapping.
    pub const fn sub(self, other: Self) -> Self {
        self.add(other.neg())
    }

    /// `self * other`, wrapping.
    pub const fn mul(self, other: Self) -> Self {
        let (carry, lo) = full_product(self.lo, other.lo);
        let cross = self.lo.wrapping_mul(other.hi.cast_unsigned());
        let cross = cross.wrapping_add(self.hi.cast_unsigned().wrapping_mul(other.lo));
        Self { hi: carry.wrapping_add(cross).cast_signed(), lo }
    }

    /// `self · 2^bits`, wrapping; zero from 256 bits on.
    pub const fn shl(self, bits: u32) -> Self {
        match bits {
            0 => self,
            1..=127 => {
                let carried = (self.lo >> (128 - bits)).cast_signed();
                Self { hi: (self.hi << bits) | carried, lo: self.lo << bits }
            }
            128..=255 => Self { hi: (self.lo << (bits - 128)).cast_signed(), lo: 0 },
            _ => Self::ZERO,
        }
    }

    /// `floor(self / 2^bits)`.
    pub const fn shr(self, bits: u32) -> Self {
        match bits {
            0 => self,
            1..=127 => {
                let carried = self.hi.cast_unsigned() << (128 - bits);
                Self { hi: self.hi >> bits, lo: (self.lo >> bits) | carried }
            }
            128..=255 => Self::from_i128(self.hi >> (bits - 128)),
            _ => Self::from_i128(self.hi >> 127),
        }
    }

    /// The bitwise and.
    pub const fn and(self, other: Self) -> Self {
        Self { hi: self.hi & other.hi, lo: self.lo & other.lo }
    }

    /// The bitwise or.
    pub const fn or(self, other: Self) -> Self {
        Self { hi: self.hi | other.hi, lo: self.lo | other.lo }
    }

    /// The bitwise complement.
    pub const fn not(self) -> Self {
        Self { hi: !self.hi, lo: !self.lo }
    }

    /// Bit `n` of the two's complement pattern; the sign from 256 on.
    pub const fn bit(self, n: u32) -> bool {
        self.shr(n).lo & 1 == 1
    }

    /// Whether `self < other`.
    pub const fn lt(self, other: Self) -> bool {
        self.hi < other.hi || (self.hi == other.hi && self.lo < other.lo)
    }

    /// Whether `self == other`.
    pub const fn is(self, other: Self) -> bool {
        self.hi == other.hi && self.lo == other.lo
    }

    /// The least width of a two's complement integer, sign included, that holds the value.
    pub const fn bits(self) -> u32 {
        let magnitude = if self.is_negative() { self.not() } else { self };
        let zeros = if magnitude.hi == 0 { 128 + magnitude.lo.leading_zeros() } else { magnitude.hi.leading_zeros() };
        257 - zeros
    }
}

const fn full_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a0 * b0;
    let mid = a1 * b0 + (low >> 64);
    let mid2 = a0 * b1 + (mid & LOW);
    (a1 * b1 + (mid >> 64) + (mid2 >> 64), (mid2 << 64) | (low & LOW))
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hi.cmp(&other.hi).then(self.lo.cmp(&other.lo))
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! operators {
    ($($op:ident $method:ident $rhs:ty),+) => {
        $(impl $op<$rhs> for Wide {
            type Output = Wide;
            #[inline]
            fn $method(self, other: $rhs) -> Wide { Wide::$method(self, other) }
        })+
    };
}

operators!(Add add Wide, Sub sub Wide, Mul mul Wide, Shl shl u32, Shr shr u32);

impl Neg for Wide {
    type Output = Wide;
    fn neg(self) -> Wide {
        Wide::neg(self)
    }
}

impl Sum for Wide {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, |a, b| a + b)
    }
}

impl From<i64> for Wide {
    fn from(value: i64) -> Self {
        Self::from_i64(value)
    }
}

impl From<i128> for Wide {
    fn from(value: i128) -> Self {
        Self::from_i128(value)
    }
}

impl From<u128> for Wide {
    fn from(value: u128) -> Self {
        Self::from_u128(value)
    }
}

/// Text that is not a decimal integer of at most 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseWideError;

impl fmt::Display for ParseWideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a decimal integer of at most 256 bits")
    }
}

impl core::error::Error for ParseWideError {}

impl FromStr for Wide {
    type Err = ParseWideError;

    fn from_str(text: &str) -> Result<Self, ParseWideError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        if digits.is_empty() || digits.len() > 77 {
            return Err(ParseWideError);
        }
        let mut value = Self::ZERO;
        for digit in digits.bytes() {
            if !digit.is_ascii_digit() {
                return Err(ParseWideError);
            }
            value = value * Self::from_i64(10) + Self::from_i64(i64::from(digit - b'0'));
            if value.is_negative() {
                return Err(ParseWideError);
            }
        }
        Ok(if negative { -value } else { value })
    }
}

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = if self.is_negative() { -*self } else { *self };
        let mut limbs = [0u64; 4];
        for (limb, shift) in limbs.iter_mut().zip([192, 128, 64, 0]) {
            *limb = (magnitude.shr(shift).lo & u128::from(u64::MAX)) as u64;
        }
        let mut digits = [0u8; 78];
        let mut at = digits.len();
        loop {
            let mut rest = 0u128;
            for limb in &mut limbs {
                let part = (rest << 64) | u128::from(*limb);
                *limb = (part / 10) as u64;
                rest = part % 10;
            }
            at -= 1;
            digits[at] = b'0' + rest as u8;
            if limbs == [0; 4] {
                break;
            }
        }
        let text = core::str::from_utf8(&digits[at..]).expect("digits are ASCII");
        f.pad_integral(!self.is_negative(), "", text)
    }
}

impl fmt::Debug for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
