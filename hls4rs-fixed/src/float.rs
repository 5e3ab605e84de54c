//! Conversion from and to binary floating point, exactly as the vendors' headers do it.

use crate::{Cast, Format, Overflow, Rounding, Wide};

/// An `f64` as `mantissa · 2^exponent`, with a mantissa of at most 54 bits, sign included.
///
/// Infinity and NaN are taken for finite numbers of exponent 1024, as `ap_fixed` takes them.
#[inline]
pub(crate) const fn dyadic(value: f64) -> (i64, i32) {
    let bits = value.to_bits();
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let biased = ((bits >> 52) & 0x7ff) as i32;
    let (magnitude, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    (if value.is_sign_negative() { -magnitude } else { magnitude }, exponent)
}

/// The raw value that assigning `value` to a variable of the format `dst` leaves there.
///
/// A double is an exact dyadic number; it is rounded and brought into range by the modes of `dst` as any
/// other value.
/// Both zeros give 0.
/// Infinity counts as 2^1024 (saturating modes give an end of the range, wrapping gives 0), NaN as a number
/// of that size with the sign of its bit pattern.
/// An `f32` is to be widened first, which is exact.
///
/// ```
/// use hls4rs_fixed::{Format, Overflow, Wide, from_f64};
///
/// assert_eq!(from_f64(0.1, Format::fixed(16, 6)), Wide::from(102)); // floor(0.1 · 1024)
/// assert_eq!(from_f64(-0.1, Format::fixed(16, 6)), Wide::from(-103));
/// assert_eq!(from_f64(-0.9, Format::int(16)), Wide::from(0)); // integers truncate towards zero
/// const TOP: Wide = from_f64(f64::INFINITY, Format::ufixed(18, 8).with_overflow(Overflow::Sat));
/// assert_eq!(TOP, Wide::from((1 << 18) - 1));
/// ```
pub const fn from_f64(value: f64, dst: Format) -> Wide {
    let (mantissa, exponent) = dyadic(value);
    Cast::new(Format::fixed(54, 54 + exponent), dst).wide(Wide::from_i64(mantissa))
}

/// `2^exponent`, exactly; NaN outside the range of normal numbers.
#[inline]
const fn power_of_two(exponent: i32) -> f64 {
    if exponent < -1022 || exponent > 1023 {
        f64::NAN
    } else {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    }
}

/// [`from_f64`] prepared for a destination that a 64-bit integer holds, for converting many values.
///
/// Where the scaled value is of ordinary size the conversion is a multiplication, a floor and the 64-bit
/// cast; everything else takes the exact path of [`from_f64`], with the same results.
///
/// ```
/// use hls4rs_fixed::{Format, FromFloat, Rounding};
/// let convert = FromFloat::new(Format::fixed(16, 6).with_rounding(Rounding::Rnd));
/// assert_eq!([0.1, -0.1, 31.9999].map(|x| convert.i64(x)), [102, -102, -32768]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FromFloat {
    dst: Format,
    /// `2^(F + 1)`, or NaN where only the exact path is right.
    scale: f64,
    /// The least scaled magnitude that is certainly not an underflow: 0 where the scale does not shrink.
    least: f64,
    /// From two more fraction bits, the half and one that says whether anything is below.
    cast: Cast,
}

impl FromFloat {
    /// Prepares the conversion to `dst`, which must fit an `i64`: `width <= 64`, or 63 if unsigned.
    pub const fn new(dst: Format) -> FromFloat {
        let frac_bits = dst.frac_bits();
        // WRAP_SM looks at a bit of the unrounded mantissa.
        let scale = match dst.overflow {
            Overflow::WrapSm(_) => f64::NAN,
            _ => power_of_two(frac_bits + 1),
        };
        let least = if frac_bits >= -1 { 0.0 } else { 1e-290 };
        FromFloat { dst, scale, least, cast: Cast::new(Format::fixed(64, 64 - (frac_bits + 2)), dst) }
    }

    /// The destination.
    pub const fn dst(&self) -> Format {
        self.dst
    }

    /// The raw value that assigning `value` leaves, as [`from_f64`].
    #[inline(always)]
    pub const fn i64(&self, value: f64) -> i64 {
        let halves = value * self.scale;
        let size = halves.abs();
        // Below 2^61 what follows fits. NaN fails.
        if size < (1u64 << 61) as f64 && size >= self.least {
            let toward_zero = halves as i64;
            let floor = toward_zero - (toward_zero as f64 > halves) as i64;
            let below = (floor as f64 != halves) as i64;
            self.cast.i64(floor << 1 | below)
        } else {
            self.exact(value)
        }
    }

    #[cold]
    const fn exact(&self, value: f64) -> i64 {
        from_f64(value, self.dst).as_i128_wrapping() as i64
    }
}

/// Rounds the magnitude of `raw · 2^-frac_bits` to `digits` bits, or to a multiple of `2^min_exponent` if
/// that is coarser, ties to even: (integer, exponent). The integer may be `2^digits`.
const fn round_magnitude(raw: Wide, frac_bits: i32, digits: u32, min_exponent: i32) -> (u64, i32) {
    // The least value has no positive counterpart, but half of it is as exact.
    let (magnitude, exponent) = match raw {
        Wide::MIN => (Wide::ONE.shl(254), 1 - frac_bits),
        _ => (raw.abs(), -frac_bits),
    };
    let excess = magnitude.bits() as i32 - 1 - digits as i32;
    let lowest = min_exponent - exponent;
    let drop = if excess > lowest { excess } else { lowest };
    let src = Format::fixed(256, 256);
    let dst = Format::fixed(64, 64 + drop).with_rounding(Rounding::RndConv);
    (Cast::new(src, dst).wide(magnitude).as_i128_wrapping() as u64, exponent + drop)
}

/// The `f64` nearest to `raw · 2^-frac_bits`, ties to even; exact up to 53 significant bits.
///
/// ```
/// use hls4rs_fixed::{Wide, to_f64};
/// assert_eq!(to_f64(Wide::from(-103), 10), -0.1005859375);
/// assert_eq!(to_f64(Wide::from(1), 1074), f64::from_bits(1));
/// assert_eq!(to_f64(Wide::from(1), -1024), f64::INFINITY);
/// ```
#[inline]
pub const fn to_f64(raw: Wide, frac_bits: i32) -> f64 {
    // Rounded once by the conversion of the integer; the scaling stays in the normal range.
    match raw.to_i128() {
        Some(small) if -800 <= frac_bits && frac_bits <= 800 => small as f64 * power_of_two(-frac_bits),
        _ => to_f64_exact(raw, frac_bits),
    }
}

const fn to_f64_exact(raw: Wide, frac_bits: i32) -> f64 {
    let (integer, exponent) = round_magnitude(raw, frac_bits, 53, -1074);
    let bits = encode(integer, exponent, 53, -1074, 971);
    f64::from_bits(bits | (raw.is_negative() as u64) << 63)
}

/// The `f32` nearest to `raw · 2^-frac_bits`, ties to even, rounded once; exact up to 24 significant bits.
///
/// ```
/// use hls4rs_fixed::{Wide, to_f32};
/// assert_eq!(to_f32(Wide::from((1 << 25) + 2), 0), 33554432.0); // a tie at 24 bits
/// ```
#[inline]
pub const fn to_f32(raw: Wide, frac_bits: i32) -> f32 {
    match raw.to_i128() {
        Some(small) if 0 <= frac_bits && frac_bits <= 126 => small as f32 * power_of_two(-frac_bits) as f32,
        _ => to_f32_exact(raw, frac_bits),
    }
}

const fn to_f32_exact(raw: Wide, frac_bits: i32) -> f32 {
    let (integer, exponent) = round_magnitude(raw, frac_bits, 24, -149);
    let bits = encode(integer, exponent, 24, -149, 104);
    f32::from_bits(bits as u32 | (raw.is_negative() as u32) << 31)
}

/// The bits of `integer · 2^exponent` in the format with this precision and these exponents of the last
/// place.
const fn encode(integer: u64, exponent: i32, digits: u32, min_exponent: i32, max_exponent: i32) -> u64 {
    let leading = 1 << (digits - 1);
    if integer < leading {
        // Zero, or subnormal: then the exponent is the least.
        return integer;
    }
    let infinity = ((max_exponent - min_exponent + 2) as u64) << (digits - 1);
    if exponent > max_exponent {
        return infinity;
    }
    // Adding the integer with its leading bit carries into the exponent field, also where rounding gave
    // 2^digits (beyond the greatest number that is infinity).
    let biased = (exponent - min_exponent) as u64;
    (biased << (digits - 1)) + integer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_and_exact_paths_to_float_agree() {
        let raws = [
            0,
            1,
            -1,
            3,
            0x1f_ffff_ffff_ffff,
            0x3f_ffff_ffff_ffff,
            1 << 53,
            -(1 << 54) - 1,
            i64::MAX,
            i64::MIN,
        ];
        let wides = raws
            .into_iter()
            .flat_map(|raw| [Wide::from(raw), Wide::from(raw).shl(60), Wide::from(raw).shl(64)]);
        for raw in wides {
            for frac_bits in -60..=126 {
                assert_eq!(
                    to_f64(raw, frac_bits).to_bits(),
                    to_f64_exact(raw, frac_bits).to_bits(),
                    "{raw} {frac_bits}"
                );
                assert_eq!(
                    to_f32(raw, frac_bits).to_bits(),
                    to_f32_exact(raw, frac_bits).to_bits(),
                    "{raw} {frac_bits}"
                );
            }
        }
    }

    #[test]
    fn subnormals_and_infinities_round_to_even() {
        assert_eq!(to_f64(Wide::from(1), 1075), 0.0);
        assert_eq!(to_f64(Wide::from(3), 1075), f64::from_bits(2));
        assert_eq!(to_f64(Wide::from(-3), 1076).to_bits(), (-f64::from_bits(1)).to_bits());
        assert_eq!(to_f32(Wide::from(0xff_ffff), -104), f32::MAX);
        assert_eq!(to_f32(Wide::from(0x1ff_ffff), -103), f32::INFINITY);
        assert_eq!(to_f32(Wide::MAX, 0), f32::INFINITY);
        assert_eq!(to_f64(Wide::MIN, 255), -1.0);
        assert_eq!(to_f64(Wide::MAX, 255), 1.0);
    }
}
