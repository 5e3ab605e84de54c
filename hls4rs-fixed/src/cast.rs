//! The one conversion between formats.

use crate::{Format, Overflow, Rounding, Wide};

/// A conversion from one format to another: rounding first, then overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    src: Format,
    dst: Format,
    shift: i32,
}

macro_rules! integer_ops {
    ($($t:ident)+) => { $(mod $t {
        pub(super) type T = $t;
        pub(super) const BITS: u32 = T::BITS;
        #[inline(always)]
        pub(super) const fn small(v: i64) -> T { v as T }
        #[inline(always)]
        pub(super) const fn add(a: T, b: T) -> T { a.wrapping_add(b) }
        #[inline(always)]
        pub(super) const fn not(a: T) -> T { !a }
        #[inline(always)]
        pub(super) const fn and(a: T, b: T) -> T { a & b }
        #[inline(always)]
        pub(super) const fn or(a: T, b: T) -> T { a | b }
        #[inline(always)]
        pub(super) const fn shl(a: T, n: u32) -> T { if n >= BITS { 0 } else { a << n } }
        #[inline(always)]
        pub(super) const fn shr(a: T, n: u32) -> T { if n >= BITS { a >> (BITS - 1) } else { a >> n } }
        #[inline(always)]
        pub(super) const fn lt(a: T, b: T) -> bool { a < b }
        #[inline(always)]
        pub(super) const fn bit(a: T, n: u32) -> bool { shr(a, n) & 1 != 0 }
    })+ };
}

integer_ops!(i32 i64 i128);

mod wide {
    use crate::Wide;
    pub(super) type T = Wide;
    pub(super) const BITS: u32 = Wide::BITS;
    pub(super) const fn small(v: i64) -> T {
        Wide::from_i64(v)
    }
    pub(super) const fn add(a: T, b: T) -> T {
        Wide::add(a, b)
    }
    pub(super) const fn not(a: T) -> T {
        Wide::not(a)
    }
    pub(super) const fn and(a: T, b: T) -> T {
        Wide::and(a, b)
    }
    pub(super) const fn or(a: T, b: T) -> T {
        Wide::or(a, b)
    }
    pub(super) const fn shl(a: T, n: u32) -> T {
        Wide::shl(a, n)
    }
    pub(super) const fn shr(a: T, n: u32) -> T {
        Wide::shr(a, n)
    }
    pub(super) const fn lt(a: T, b: T) -> bool {
        Wide::lt(a, b)
    }
    pub(super) const fn bit(a: T, n: u32) -> bool {
        Wide::bit(a, n)
    }
}

macro_rules! cast_body {
    ($(#[$doc:meta])* $name:ident, $m:ident) => {
        $(#[$doc])*
        #[inline(always)]
        pub const fn $name(&self, raw: $m::T) -> $m::T {
            let zero = $m::small(0);
            let one = $m::small(1);
            let neg = $m::lt(raw, zero);
            // Rounding.
            let q = if self.shift <= 0 {
                $m::shl(raw, self.shift.unsigned_abs())
            } else {
                let d = self.shift as u32;
                let floor = $m::shr(raw, d);
                let half = $m::bit(raw, d - 1);
                let rest = d > 1 && {
                    // Bits below the half bit: what a shift down and up again loses.
                    let kept = $m::shl($m::shr(raw, d - 1), d - 1);
                    if d > $m::BITS { $m::lt(raw, zero) || $m::lt(zero, raw) } else { $m::lt(kept, raw) }
                };
                let odd = $m::bit(floor, 0);
                let up = match self.dst.rounding {
                    Rounding::Trn => false,
                    Rounding::TrnZero => neg && (half || rest),
                    Rounding::Rnd => half,
                    Rounding::RndZero => half && (neg || rest),
                    Rounding::RndMinInf => half && rest,
                    Rounding::RndInf => half && (!neg || rest),
                    Rounding::RndConv => half && (odd || rest),
                    Rounding::RndConvOdd => half && (!odd || rest),
                };
                if up { $m::add(floor, one) } else { floor }
            };
            // Overflow.
            let w = self.dst.width;
            let signed = self.dst.signed;
            if signed && w >= $m::BITS {
                return match self.dst.overflow {
                    Overflow::SatSym if !$m::lt($m::shl(one, $m::BITS - 1), q) => $m::add(q, one),
                    _ => q,
                };
            }
            let hi = $m::not($m::shl($m::small(-1), if signed { w - 1 } else { w }));
            let lo = if signed { $m::not(hi) } else { zero };
            let inside = !$m::lt(q, lo) && !$m::lt(hi, q);
            if inside && !(matches!(self.dst.overflow, Overflow::SatSym) && signed && w > 1 && !$m::lt(lo, q)) {
                return q;
            }
            let neg_q = $m::lt(q, zero);
            let ones = $m::not(zero);
            match self.dst.overflow {
                Overflow::Sat => if neg_q { lo } else { hi },
                Overflow::SatZero => zero,
                Overflow::SatSym => {
                    if !neg_q { hi } else if signed && w > 1 { $m::add(lo, one) } else { lo }
                }
                Overflow::Wrap(0) => {
                    let mask = $m::not($m::shl(ones, w));
                    let low = $m::and(q, mask);
                    if signed && $m::bit(low, w - 1) { $m::or(low, $m::not(mask)) } else { low }
                }
                Overflow::Wrap(n) => {
                    let kept = $m::and(q, $m::not($m::shl(ones, w - n)));
                    let top = $m::shl($m::not($m::shl(ones, n)), w - n);
                    if !signed {
                        $m::or(kept, top)
                    } else if neg_q {
                        $m::or(kept, $m::shl(ones, w - 1))
                    } else {
                        // The sign bit is 0, the n-1 bits below it are 1.
                        $m::or(kept, $m::and(top, $m::not($m::shl(ones, w - 1))))
                    }
                }
                Overflow::WrapSm(n) => {
                    let mask = $m::not($m::shl(ones, w));
                    let v = $m::and(q, mask);
                    let sign = $m::shl(one, w - 1);
                    let out = if n == 0 {
                        let at = self.shift + w as i32;
                        let deleted = at >= 0 && (at as u32) < self.src.width && $m::bit(raw, at as u32);
                        let v = if deleted != $m::bit(v, w - 1) { $m::and($m::not(v), mask) } else { v };
                        $m::or($m::and(v, $m::not(sign)), if deleted { sign } else { zero })
                    } else if n == 1 {
                        let v = if neg_q != $m::bit(v, w - 1) { $m::and($m::not(v), mask) } else { v };
                        $m::or($m::and(v, $m::not(sign)), if neg_q { sign } else { zero })
                    } else {
                        let v = if $m::bit(v, w - n) == neg_q { $m::and($m::not(v), mask) } else { v };
                        let low = $m::and(v, $m::not($m::shl(ones, w - n)));
                        if neg_q {
                            $m::or(low, sign)
                        } else {
                            $m::or(low, $m::and($m::shl(ones, w - n), $m::not($m::shl(ones, w - 1))))
                        }
                    };
                    if signed && $m::bit(out, w - 1) { $m::or(out, $m::not(mask)) } else { out }
                }
            }
        }
    };
}

impl Cast {
    /// Prepares the conversion.
    pub const fn new(src: Format, dst: Format) -> Self {
        Self { src, dst, shift: src.frac_bits() - dst.frac_bits() }
    }

    cast_body!(
        /// Converts a raw value of any format.
        wide, wide
    );
    cast_body!(
        /// Converts a raw value; exact if [`container_bits`](Self::container_bits) is at most 128.
        i128, i128
    );
    cast_body!(
        /// Converts a raw value; exact if [`container_bits`](Self::container_bits) is at most 64.
        i64, i64
    );
    cast_body!(
        /// Converts a raw value; exact if [`container_bits`](Self::container_bits) is at most 32.
        i32, i32
    );

    /// The source format.
    pub const fn src(&self) -> Format {
        self.src
    }

    /// The destination format.
    pub const fn dst(&self) -> Format {
        self.dst
    }

    /// How many fraction bits are dropped; negative if bits are added.
    pub const fn shift(&self) -> i32 {
        self.shift
    }

    /// The width of a two's complement integer that holds source, destination and everything between.
    pub const fn container_bits(&self) -> u32 {
        let src = self.src.width + !self.src.signed as u32;
        let dst = self.dst.width + !self.dst.signed as u32;
        let mid = if self.shift < 0 { src + self.shift.unsigned_abs() } else { src + 1 };
        if mid > dst { mid } else { dst }
    }

    /// Whether fraction bits are dropped.
    pub const fn rounds(&self) -> bool {
        self.shift > 0
    }

    /// Whether some value of the source lies outside of the destination.
    pub const fn can_overflow(&self) -> bool {
        let (s, d) = (self.src, self.dst);
        let sym = matches!(d.overflow, Overflow::SatSym) && d.signed;
        (s.signed && !d.signed)
            || sym
            || s.int_bits - s.signed as i32 + (self.shift > 0 && !matches!(d.rounding, Rounding::Trn | Rounding::TrnZero)) as i32
                > d.int_bits - d.signed as i32
    }

    /// Whether every value of the source comes out as it is.
    pub const fn is_identity(&self) -> bool {
        self.shift == 0 && !self.can_overflow()
    }
}

/// Converts `raw` from `src` to `dst`: bits in, bits out.
///
/// A value of an unsigned 128-bit format is its bit pattern as `i128`.
pub const fn cast(raw: i128, src: Format, dst: Format) -> i128 {
    let wide = if !src.signed { Wide::from_u128(raw.cast_unsigned()) } else { Wide::from_i128(raw) };
    Cast::new(src, dst).wide(wide).as_i128_wrapping()
}
