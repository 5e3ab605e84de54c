//! Random formats and values.

use hls4rs_fixed::{Format, Overflow, Rounding, Wide};
use proptest::prelude::*;

pub(crate) fn rounding() -> impl Strategy<Value = Rounding> {
    proptest::sample::select(&Rounding::ALL[..])
}

/// Any legal format of at most `max_width` bits.
pub(crate) fn format(max_width: u32) -> impl Strategy<Value = Format> {
    let modes = (rounding(), 0usize..5, any::<prop::sample::Index>());
    (1..=max_width, -40..=170i32, any::<bool>(), modes).prop_map(|(width, int_bits, signed, modes)| {
        let (rounding, overflow, n) = modes;
        let n = n.index(width as usize + 1) as u32;
        let overflow = match Overflow::ALL[overflow] {
            Overflow::WrapSm(_) if signed => Overflow::WrapSm(n),
            Overflow::Wrap(_) | Overflow::WrapSm(_) => Overflow::Wrap(n),
            other => other,
        };
        Format { signed, ..Format::fixed(width, int_bits) }.with_rounding(rounding).with_overflow(overflow)
    })
}

/// A raw value of the format; the ends, zero and short values are frequent.
pub(crate) fn raw(format: Format) -> impl Strategy<Value = Wide> {
    (any::<[u128; 2]>(), 0..format.width, 0..10u8).prop_map(move |([hi, lo], dropped, kind)| {
        let any = Wide::from_parts(hi as i128, lo);
        let within = if format.signed {
            any.shr(256 - format.width)
        } else {
            any.shr(255 - format.width).and(format.max_raw())
        };
        match kind {
            0 => format.min_raw(),
            1 => format.max_raw(),
            2 => Wide::ZERO,
            3 => within.shr(dropped).shl(dropped),
            4..=6 => within.shr(dropped),
            _ => within,
        }
    })
}

/// A format and one of its values.
pub(crate) fn value(max_width: u32) -> impl Strategy<Value = (Format, Wide)> {
    format(max_width).prop_flat_map(|format| raw(format).prop_map(move |raw| (format, raw)))
}
