//! The one cast: from a raw integer in one format to the raw integer in another, exact for every mode.

mod algorithm;
mod word;

use algorithm::{in_big, in_i32, in_i64, in_i128, in_wide};

use crate::big::Big;
use crate::format::max;
use crate::{Format, Rounding, Wide};

/// A conversion prepared from two formats.
///
/// The value `raw · 2^-src.frac_bits()` is rounded to a multiple of `2^-dst.frac_bits()` by `dst.rounding`;
/// the result, carry included, is brought into the range of `dst` by `dst.overflow`.
/// The modes of `src` play no part.
///
/// The raw value must lie in the range of `src`.
/// The forms [`i32`](Cast::i32), [`i64`](Cast::i64) and [`i128`](Cast::i128) demand a container of at least
/// [`container_bits`](Cast::container_bits), [`wide`](Cast::wide) takes every pair of legal formats; all four
/// are instances of one algorithm and agree.
/// With constant formats everything but the arithmetic folds away.
///
/// ```
/// use hls4rs_fixed::{Cast, Format, Overflow, Rounding};
///
/// const TO_BYTE: Cast = Cast::new(
///     Format::fixed(16, 6),
///     Format::fixed(8, 4).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat),
/// );
/// assert_eq!(TO_BYTE.shift(), 6); // 10 fraction bits to 4
/// assert_eq!(TO_BYTE.i32(0b11_100000), 4); // 3.5 steps, a tie, upwards
/// assert_eq!(TO_BYTE.i32(-0b11_100000), -3); // upwards again
/// assert_eq!(TO_BYTE.i32(0x7fff), 127);
/// const { assert!(TO_BYTE.i64(-0x8000) == -128) };
/// ```
///
/// # Source
/// `ap_fixed_base.h` and `ac_fixed.h` as shipped with hls4ml 1.3.0, compared over 270,000 conversions in the
/// tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cast {
    src: Format,
    dst: Format,
    /// `src.frac_bits() - dst.frac_bits()`.
    shift: i32,
    /// The shifts applied: `shift` split by sign, and limited to what still makes a difference.
    right: u32,
    left: u32,
    container_bits: u32,
}

impl Cast {
    /// Prepares the conversion from `src` to `dst`; both must be legal ([`Format::check`]).
    ///
    /// `WrapSm` to an unsigned format, which the vendors do not have, acts as `Wrap`.
    #[inline]
    pub const fn new(src: Format, dst: Format) -> Cast {
        let shift = src.frac_bits() - dst.frac_bits();
        let (src_bits, dst_bits) = (src.container_bits(), dst.container_bits());
        let (right, left, reached) = if shift > 0 {
            // Past the source's sign every bit is the sign: one more place is as good as all.
            let right = if (shift as u32) < src_bits + 1 { shift as u32 } else { src_bits + 1 };
            (right, 0, if right > src_bits { src_bits + 1 } else { src_bits })
        } else {
            // Past the destination's width the low bits are zero, and every value but zero overflows.
            let wanted = shift.unsigned_abs();
            let left = if wanted < dst.width + 1 { wanted } else { dst.width + 1 };
            (0, left, src_bits + left)
        };
        let container_bits = if reached > dst_bits { reached } else { dst_bits };
        Cast { src, dst, shift, right, left, container_bits }
    }

    /// Converts a raw value of any legal format.
    #[inline]
    pub const fn wide(&self, raw: Wide) -> Wide {
        if self.container_bits <= Wide::BITS {
            in_wide::convert(self, raw)
        } else {
            in_big::convert(self, Big::from_wide(raw)).as_wide_wrapping()
        }
    }

    /// Converts in 128 bits; requires `container_bits() <= 128`.
    #[inline(always)]
    pub const fn i128(&self, raw: i128) -> i128 {
        debug_assert!(self.container_bits <= 128);
        in_i128::convert(self, raw)
    }

    /// Converts in 64 bits; requires `container_bits() <= 64`.
    #[inline(always)]
    pub const fn i64(&self, raw: i64) -> i64 {
        debug_assert!(self.container_bits <= 64);
        in_i64::convert(self, raw)
    }

    /// Converts in 32 bits; requires `container_bits() <= 32`.
    #[inline(always)]
    pub const fn i32(&self, raw: i32) -> i32 {
        debug_assert!(self.container_bits <= 32);
        in_i32::convert(self, raw)
    }

    /// Converts a value of more than 256 bits; the shifted value must fit there.
    pub(crate) const fn big(&self, raw: Big) -> Wide {
        in_big::convert(self, raw).as_wide_wrapping()
    }

    /// Whether this value, once rounded, lies outside the destination's range (so that the overflow mode
    /// acts).
    ///
    /// ```
    /// use hls4rs_fixed::{Cast, Format, Rounding, Wide};
    /// let cast = Cast::new(Format::fixed(8, 4), Format::fixed(4, 4).with_rounding(Rounding::Rnd));
    /// assert!(!cast.overflows(Wide::from(0x77))); // 7.4375 rounds to 7
    /// assert!(cast.overflows(Wide::from(0x78))); // 7.5 rounds to 8
    /// ```
    pub const fn overflows(&self, raw: Wide) -> bool {
        if self.container_bits <= Wide::BITS {
            let (q, (lo, hi)) = (in_wide::quantize(self, raw), in_wide::range(self));
            q.lt(&lo) || hi.lt(&q)
        } else {
            self.overflows_big(Big::from_wide(raw))
        }
    }

    /// [`overflows`](Cast::overflows) in 128 bits; requires `container_bits() <= 128`.
    #[inline]
    pub(crate) const fn overflows_i128(&self, raw: i128) -> bool {
        let (q, (lo, hi)) = (in_i128::quantize(self, raw), in_i128::range(self));
        q < lo || hi < q
    }

    pub(crate) const fn overflows_big(&self, raw: Big) -> bool {
        let (q, (lo, hi)) = (in_big::quantize(self, raw), in_big::range(self));
        q.lt(lo) || hi.lt(q)
    }

    /// The two's complement width that holds the source, the shifted and rounded value, and the destination.
    #[inline]
    pub const fn container_bits(&self) -> u32 {
        self.container_bits
    }

    /// The source format.
    #[inline]
    pub const fn src(&self) -> Format {
        self.src
    }

    /// The destination format.
    #[inline]
    pub const fn dst(&self) -> Format {
        self.dst
    }

    /// The fraction bits dropped: `src.frac_bits() - dst.frac_bits()`, negative where zeros are appended.
    #[inline]
    pub const fn shift(&self) -> i32 {
        self.shift
    }

    /// The arithmetic right shift applied: `shift()` if positive, at most one more than the source's bits;
    /// else 0.
    #[inline]
    pub const fn right_shift(&self) -> u32 {
        self.right
    }

    /// The left shift applied: `-shift()` if positive, at most one more than the destination's width; else 0.
    #[inline]
    pub const fn left_shift(&self) -> u32 {
        self.left
    }

    /// Whether the conversion drops fraction bits, so that the rounding mode acts.
    #[inline]
    pub const fn rounds(&self) -> bool {
        self.shift > 0
    }

    /// Whether some value of the source format makes the overflow mode act.
    ///
    /// This includes the least value of the destination where `SatSym` excludes it.
    pub const fn can_overflow(&self) -> bool {
        self.greatest_overflows() || self.least_overflows()
    }

    /// Whether the source's greatest value, `2^a - 1`, rounds to more than the destination's, `2^b - 1`.
    const fn greatest_overflows(&self) -> bool {
        let a = self.src.width as i32 - self.src.signed as i32;
        let b = self.dst.width as i32 - self.dst.signed as i32;
        // With one more place dropped than it has ones, the value is below a half. Otherwise all places
        // dropped are ones, and it rounds to 2^(a - shift), or to one less.
        let rest = self.shift > 1;
        let up = self.shift > 0
            && match self.dst.rounding {
                Rounding::Trn | Rounding::TrnZero => false,
                Rounding::Rnd | Rounding::RndInf => true,
                Rounding::RndZero | Rounding::RndMinInf => rest,
                Rounding::RndConv => rest || a > self.shift,
                Rounding::RndConvOdd => rest || a == self.shift,
            };
        a > 0 && a >= self.shift && a - self.shift + up as i32 > b
    }

    /// Whether the source's least value, `-2^a` or 0, rounds to less than the destination's, `-2^b` or 0.
    const fn least_overflows(&self) -> bool {
        if !self.src.signed {
            return false;
        }
        let (a, b) = (self.src.width as i32 - 1, self.dst.width as i32 - 1);
        let becomes_zero = self.shift > a && {
            let rest = self.shift > a + 1;
            match self.dst.rounding {
                Rounding::Trn => false,
                Rounding::TrnZero | Rounding::Rnd | Rounding::RndZero | Rounding::RndConv => true,
                Rounding::RndInf | Rounding::RndMinInf | Rounding::RndConvOdd => rest,
            }
        };
        // What does not become zero is at least one step in magnitude.
        let magnitude = max(a - self.shift, 0);
        let excluded = self.dst.overflow.is_symmetric() && b > 0;
        !becomes_zero && (!self.dst.signed || magnitude + excluded as i32 > b)
    }

    /// Whether every raw value of the source format comes out unchanged.
    pub const fn is_identity(&self) -> bool {
        self.shift == 0 && !self.can_overflow()
    }
}

/// Converts one value, bits in and bits out; [`Cast`] is the prepared form.
///
/// Both formats are at most 128 bits wide; for an unsigned one of 128 bits the `i128` is the bit pattern.
///
/// ```
/// use hls4rs_fixed::{Format, Overflow, cast};
/// let byte = Format::fixed(8, 8);
/// assert_eq!(cast(0x1234, Format::fixed(16, 8), byte), 0x12);
/// assert_eq!(cast(-1, Format::fixed(16, 8), byte), -1); // truncation is a floor
/// assert_eq!(cast(200, Format::int(16), byte), -56);
/// assert_eq!(cast(200, Format::int(16), byte.with_overflow(Overflow::Sat)), 127);
/// ```
#[inline]
pub const fn cast(raw: i128, src: Format, dst: Format) -> i128 {
    let prepared = Cast::new(src, dst);
    if prepared.container_bits <= 128 {
        prepared.i128(raw)
    } else {
        let wide = if src.signed { Wide::from_i128(raw) } else { Wide::from_u128(raw as u128) };
        prepared.wide(wide).as_i128_wrapping()
    }
}
