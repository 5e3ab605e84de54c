//! Sign, integer bits and fraction bits: what a number or an interval needs at least.

use hls4rs_fixed::Format;

/// What a value needs: a sign or none, integer bits without the sign, fraction bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kif {
    /// Whether there are negative values.
    pub(crate) signed: bool,
    /// Bits left of the point, without the sign.
    pub(crate) int_bits: i32,
    /// Bits right of the point.
    pub(crate) frac_bits: i32,
}

/// No constant is stored with more fraction bits.
const MAX_FRAC_BITS: i32 = 32;

/// The fewest fraction bits that hold a value, within what is stored; 0 needs the least of all.
pub(crate) fn fraction_bits(value: f64) -> i32 {
    let whole = |frac_bits: i32| (value * f64::from(frac_bits).exp2()).fract() == 0.0;
    (1 - MAX_FRAC_BITS..MAX_FRAC_BITS).find(|&f| whole(f)).unwrap_or(MAX_FRAC_BITS)
}

impl Kif {
    /// What one value needs; nothing for 0.
    pub(crate) fn of_value(value: f64) -> Self {
        if value == 0.0 {
            return Self::default();
        }
        let frac_bits = fraction_bits(value);
        let unit = f64::from(-frac_bits).exp2();
        let int_bits = (value + unit).max(-value).log2().ceil() as i32;
        Self { signed: value < 0.0, int_bits, frac_bits }
    }

    /// What any of the values needs.
    pub(crate) fn of_values(values: &[f64]) -> Self {
        values.iter().map(|&value| Self::of_value(value)).reduce(Self::max).unwrap_or_default()
    }

    /// The bits of a format.
    pub(crate) fn of_format(format: Format) -> Self {
        let int_bits = format.int_bits - i32::from(format.signed);
        Self { signed: format.signed, int_bits, frac_bits: format.frac_bits() }
    }

    /// The lesser of each.
    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            signed: self.signed && other.signed,
            int_bits: self.int_bits.min(other.int_bits),
            frac_bits: self.frac_bits.min(other.frac_bits),
        }
    }

    /// All bits.
    pub(crate) fn width(self) -> i32 {
        i32::from(self.signed) + self.int_bits + self.frac_bits
    }

    /// The greater of each, over several.
    pub(crate) fn greatest(kifs: &[Self]) -> Self {
        kifs.iter().copied().reduce(Self::max).unwrap_or_default()
    }

    /// The greater of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            signed: self.signed || other.signed,
            int_bits: self.int_bits.max(other.int_bits),
            frac_bits: self.frac_bits.max(other.frac_bits),
        }
    }

    /// The format of these bits; where there are none, hls4ml's stand-in, which holds nothing but 0.
    pub(crate) fn format(self) -> Format {
        let sign = i32::from(self.signed);
        match self.width() {
            width @ 1.. => {
                Format { signed: self.signed, ..Format::fixed(width as u32, sign + self.int_bits) }
            }
            _ => Format::ufixed(2, 32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_need_what_they_need() {
        let kif = |value| Kif::of_value(value);
        assert_eq!(kif(0.5), Kif { signed: false, int_bits: 0, frac_bits: 1 });
        assert_eq!(kif(-1.0), Kif { signed: true, int_bits: 0, frac_bits: 0 });
        assert_eq!(kif(6.0), Kif { signed: false, int_bits: 3, frac_bits: -1 });
        assert_eq!(kif(0.3).frac_bits, 32);
        assert_eq!(Kif::of_values(&[0.0, 0.25, -2.0]).format().to_string(), "fixed<4,2>");
    }
}
