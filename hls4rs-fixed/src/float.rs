//! Conversions from and to binary floating point.

use crate::{Cast, Format, Overflow, Wide};

/// Converts a double: rounding, then overflow, exactly as the vendors' headers do it.
pub fn from_f64(value: f64, dst: Format) -> Wide {
    let bits = value.to_bits();
    let negative = bits >> 63 == 1;
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0x7ff {
        return match dst.overflow {
            Overflow::Sat => if negative { dst.min_raw() } else { dst.max_raw() },
            Overflow::SatSym if negative && dst.signed && dst.width > 1 => dst.min_raw().add(Wide::ONE),
            Overflow::SatSym => if negative { dst.min_raw() } else { dst.max_raw() },
            _ => Wide::ZERO,
        };
    }
    if exponent == 0 && fraction == 0 {
        return Wide::ZERO;
    }
    let (significand, frac) =
        if exponent == 0 { (fraction, 1074) } else { (fraction | 1 << 52, 1075 - exponent) };
    let raw = Wide::from_i64(if negative { -(significand as i64) } else { significand as i64 });
    // A value far beyond the format is brought near enough to keep every mode's decision.
    let excess = dst.frac_bits() - frac;
    if excess > 180 {
        return match dst.overflow {
            Overflow::Wrap(0) | Overflow::SatZero => Wide::ZERO,
            _ => Cast::new(Format::fixed(256, 256), Format { int_bits: dst.width as i32, ..dst })
                .wide(raw.shl(180)),
        };
    }
    let src = Format::fixed(54, 54 - frac);
    Cast::new(src, dst).wide(raw)
}

/// The double nearest to `raw * 2^-frac_bits`, ties to even.
pub fn to_f64(raw: Wide, frac_bits: i32) -> f64 {
    let negative = raw.is_negative();
    let magnitude = if negative { raw.neg() } else { raw };
    let bits = magnitude.bits() - 1;
    let (small, shift) = if bits > 64 {
        let drop = bits - 64;
        let kept = magnitude.shr(drop);
        let sticky = kept.shl(drop) != magnitude;
        (kept.as_i128_wrapping() as u64 | u64::from(sticky), drop as i32)
    } else {
        (magnitude.as_i128_wrapping() as u64, 0)
    };
    let value = scale(small as f64, shift - frac_bits);
    if negative { -value } else { value }
}

fn scale(value: f64, exponent: i32) -> f64 {
    let mut value = value;
    let mut left = exponent;
    while left > 1000 {
        value *= f64::from_bits(2023 << 52);
        left -= 1000;
    }
    while left < -1000 {
        value *= f64::from_bits(23 << 52);
        left += 1000;
    }
    value * f64::from_bits(((left + 1023) as u64) << 52)
}
