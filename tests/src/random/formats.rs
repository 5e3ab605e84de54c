//! Random number formats.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::Precision;

use crate::rng::Rng;

/// Which formats a backend can spell.
pub type Spells<'a> = &'a dyn Fn(Format) -> bool;

/// Draws formats that a backend can spell.
#[derive(Clone, Copy)]
pub struct Formats<'a> {
    /// What the backend can spell.
    pub spells: Spells<'a>,
}

impl Formats<'_> {
    /// A format of any kind.
    pub fn any(self, rng: &mut Rng) -> Format {
        let width = width(rng);
        let int_bits = match rng.below(10) {
            0 => -rng.between(0, 4),
            1 => i64::from(width) + rng.between(1, 4),
            _ => rng.between(0, i64::from(width)),
        };
        self.with_modes(rng, width, int_bits as i32)
    }

    /// A format in which values of `like` keep some of their information: its range and its unit are near.
    pub fn near(self, rng: &mut Rng, like: Format) -> Format {
        let int_bits = like.int_bits + rng.between(-3, 2) as i32;
        let frac_bits = like.frac_bits() + rng.between(-5, 2) as i32;
        let width = (int_bits + frac_bits).clamp(1, 40);
        self.with_modes(rng, width as u32, int_bits)
    }

    /// What is asked for in a slot whose exact values would need `like`.
    pub fn precision(self, rng: &mut Rng, like: Format) -> Precision {
        match rng.below(20) {
            0..=3 => Precision::Auto,
            4..=6 => Precision::MayWrap(self.any(rng)),
            _ => Precision::MayWrap(self.near(rng, like)),
        }
    }

    fn with_modes(self, rng: &mut Rng, width: u32, int_bits: i32) -> Format {
        loop {
            if rng.chance(4) {
                let integer = if rng.chance(50) { Format::int(width) } else { Format::uint(width) };
                if (self.spells)(integer) {
                    return integer;
                }
            }
            let signed = rng.chance(75);
            let plain = if signed { Format::fixed(width, int_bits) } else { Format::ufixed(width, int_bits) };
            let rounding = if rng.chance(40) { Rounding::Trn } else { rng.pick(&Rounding::ALL) };
            let kept = rng.below(width.min(4) as usize + 1) as u32;
            let overflow = match rng.below(10) {
                0..=3 => Overflow::Wrap(0),
                4 => Overflow::Wrap(kept),
                5 if signed => Overflow::WrapSm(kept),
                6 => Overflow::SatZero,
                7 => Overflow::SatSym,
                _ => Overflow::Sat,
            };
            let format = plain.with_rounding(rounding).with_overflow(overflow);
            if format.check().is_ok() && (self.spells)(format) {
                return format;
            }
        }
    }
}

fn width(rng: &mut Rng) -> u32 {
    match rng.below(20) {
        0 => rng.between(33, 48) as u32,
        1..=3 => rng.between(19, 32) as u32,
        4..=5 => rng.between(1, 3) as u32,
        _ => rng.between(4, 18) as u32,
    }
}
