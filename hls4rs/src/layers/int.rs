//! The integers that kernels compute in.

use core::fmt::Debug;

use hls4rs_fixed::{Cast, Wide};

/// An integer wide enough for a layer's intermediate values; arithmetic wraps.
pub trait Int: Copy + Default + Ord + Debug + Send + Sync + 'static {
    /// The number of bits.
    const BITS: u32;
    /// The low bits of `value`, sign-extended if wider.
    fn from_i64(value: i64) -> Self;
    /// The low 64 bits.
    fn to_i64(self) -> i64;
    /// The low bits of `value`.
    fn from_wide(value: Wide) -> Self;
    /// The value.
    fn to_wide(self) -> Wide;
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `self · other`.
    fn times(self, other: Self) -> Self;
    /// `self · 2^bits`, zero if that is beyond the width.
    fn up(self, bits: u32) -> Self;
    /// `floor(self / 2^bits)`.
    fn down(self, bits: u32) -> Self;
    /// The bits that both have.
    fn and(self, other: Self) -> Self;
    /// `self / n`, truncated toward zero; `n` is at least 1 and fits.
    fn quotient(self, n: u64) -> Self;
    /// The multiple of `2^bits` nearest to this value, in that unit, ties up; `bits` is at least 1.
    #[inline(always)]
    fn nearest(self, bits: u32) -> Self {
        let halves = self.down(bits - 1);
        halves.down(1).plus(halves.and(Self::from_i64(1)))
    }
    /// The multiple of `2^bits` nearest to this value, in that unit, ties to even; `bits` is at least 1.
    #[inline(always)]
    fn nearest_even(self, bits: u32) -> Self {
        let one = Self::from_i64(1);
        let halves = self.down(bits - 1);
        let floor = halves.down(1);
        // Above the tie there is something below the half.
        let rest = self.minus(halves.up(bits - 1)).min(one);
        let odd = floor.and(one).max(rest);
        floor.plus(halves.and(odd))
    }
    /// The cast of this value, whose container must fit.
    fn cast(self, cast: &Cast) -> Self;
}

macro_rules! ints {
    ($($t:ident)+) => { $(
        impl Int for $t {
            const BITS: u32 = $t::BITS;
            #[inline(always)]
            fn from_i64(value: i64) -> Self { value as $t }
            #[inline(always)]
            fn to_i64(self) -> i64 { self as i64 }
            #[inline(always)]
            fn from_wide(value: Wide) -> Self { value.as_i128_wrapping() as $t }
            #[inline(always)]
            fn to_wide(self) -> Wide { Wide::from_i128(self as i128) }
            #[inline(always)]
            fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
            #[inline(always)]
            fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
            #[inline(always)]
            fn times(self, other: Self) -> Self { self.wrapping_mul(other) }
            #[inline(always)]
            fn up(self, bits: u32) -> Self { if bits < Self::BITS { self << bits } else { 0 } }
            #[inline(always)]
            fn down(self, bits: u32) -> Self { self >> if bits < Self::BITS { bits } else { Self::BITS - 1 } }
            #[inline(always)]
            fn and(self, other: Self) -> Self { self & other }
            #[inline(always)]
            fn quotient(self, n: u64) -> Self { self.wrapping_div(n as $t) }
            #[inline(always)]
            fn cast(self, cast: &Cast) -> Self { cast.$t(self) }
        }
    )+ };
}

ints!(i32 i64 i128);

impl Int for Wide {
    const BITS: u32 = Wide::BITS;
    fn from_i64(value: i64) -> Self {
        Wide::from_i64(value)
    }
    fn to_i64(self) -> i64 {
        self.as_i128_wrapping() as i64
    }
    fn from_wide(value: Wide) -> Self {
        value
    }
    fn to_wide(self) -> Wide {
        self
    }
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn minus(self, other: Self) -> Self {
        self - other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn up(self, bits: u32) -> Self {
        self << bits
    }
    fn down(self, bits: u32) -> Self {
        self >> bits
    }
    fn and(self, other: Self) -> Self {
        Wide::and(self, other)
    }
    fn quotient(self, n: u64) -> Self {
        Wide::quotient(self, n)
    }
    fn cast(self, cast: &Cast) -> Self {
        cast.wide(self)
    }
}

/// The signed width that holds every raw value of a format.
pub(crate) const fn bits(format: hls4rs_fixed::Format) -> u32 {
    format.width + !format.signed as u32
}

/// The greater of two widths.
pub(crate) const fn most(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}
