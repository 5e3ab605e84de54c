//! What quantizers make of trained values, in single precision as the libraries compute.

use hls4rs_fixed::{Format, Overflow, Rounding, from_f64, to_f64};

use super::qkeras::{self, Bits};
use super::{Alpha, Quantizer};
use crate::Tensor;
use crate::draft::Type;

/// Quantized values and the factor in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// The values, the factor included.
    pub values: Vec<f64>,
    /// The factor of each output (the last axis), or one for all.
    pub scale: Vec<f64>,
}

impl Quantizer {
    /// The type that hls4ml stores the values in.
    pub fn ty(&self) -> Type {
        match self {
            Self::QuantizedBits { bits, integer, .. } => match i64::from(*bits) == i64::from(*integer) {
                true if *bits == 1 => Type::Xnor,
                true => Type::Fixed(Format::int(*bits)),
                false => Type::Fixed(Format::fixed(*bits, integer.saturating_add(1))),
            },
            Self::PowerOfTwo { bits, .. } => Type::Exponent(*bits),
            Self::Binary { one_bit: true, .. } => Type::Xnor,
            Self::Binary { .. } | Self::Ternary { .. } | Self::Sign | Self::Thirds => {
                Type::Fixed(Format::int(2))
            }
            Self::Fixed(format) => Type::Fixed(*format),
            Self::QuantizedRelu { .. } | Self::QuantizedTanh { .. } | Self::QuantizedSigmoid { .. } => {
                Type::Fixed(Format::fixed(16, 6))
            }
            Self::PerElement { .. } => Type::Fixed(Format::fixed(16, 6)),
        }
    }

    /// The type of a result that is quantized so, as hls4ml's configurations propose it; `None` if there are several.
    pub fn result_type(&self) -> Option<Type> {
        let (bits, int_bits, signed, overflow) = match *self {
            Self::QuantizedBits { bits, integer, .. } => {
                (bits, integer.saturating_add(1), true, Overflow::Sat)
            }
            Self::QuantizedRelu { bits, integer, negative_slope } => {
                let signed = negative_slope != 0.0;
                (bits, integer.saturating_add(i32::from(signed)), signed, Overflow::Sat)
            }
            Self::QuantizedTanh { bits, symmetric } => {
                (bits, 1, true, if symmetric { Overflow::SatSym } else { Overflow::Sat })
            }
            Self::QuantizedSigmoid { bits } => (bits, 0, false, Overflow::Sat),
            Self::PowerOfTwo { bits, .. } => return Some(Type::Fixed(Format::int(bits))),
            Self::Binary { .. } | Self::Ternary { .. } | Self::Sign | Self::Thirds => {
                return Some(Type::Fixed(Format::int(2)));
            }
            Self::Fixed(format) => return Some(Type::Fixed(format)),
            Self::PerElement { .. } => return None,
        };
        if i64::from(bits) <= i64::from(int_bits) {
            let whole = Format::int(int_bits as u32);
            return Some(Type::Fixed(Format { signed, ..whole }));
        }
        let format = Format { signed, ..Format::fixed(bits, int_bits) };
        Some(Type::Fixed(format.with_rounding(Rounding::RndConv).with_overflow(overflow)))
    }

    /// Whether there are numbers of its types.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn check(&self) -> Result<(), String> {
        for ty in [Some(self.ty()), self.result_type()].into_iter().flatten() {
            match ty {
                Type::Fixed(format) => format.check().map_err(|error| error.to_string())?,
                Type::Exponent(bits @ (0..=1 | 65..)) => {
                    return Err(format!("a sign and an exponent have 2 to 64 bits, not {bits}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The factor of the quantizer, if it has one.
    pub fn alpha(&self) -> Option<&Alpha> {
        match self {
            Self::QuantizedBits { alpha, .. } | Self::Binary { alpha, .. } | Self::Ternary { alpha, .. } => {
                Some(alpha)
            }
            _ => None,
        }
    }

    /// The same quantizer with a factor of 1.
    pub fn without_alpha(&self) -> Self {
        let mut plain = self.clone();
        if let Self::QuantizedBits { alpha, .. } | Self::Binary { alpha, .. } | Self::Ternary { alpha, .. } =
            &mut plain
        {
            *alpha = Alpha::Value(1.0);
        }
        plain
    }

    /// Quantizes trained values; `None` if that is not known for this quantizer.
    ///
    /// One-bit values stay -1 and 1.
    pub fn apply(&self, tensor: &Tensor) -> Option<Quantized> {
        let x = tensor.values();
        let plain = |values: Vec<f64>| Some(Quantized { values, scale: vec![1.0] });
        match self {
            Self::QuantizedBits { bits, integer, keep_negative, symmetric, alpha } => {
                let (bits, integer) = (*bits, *integer);
                let bits = Bits { bits, integer, keep_negative: *keep_negative, symmetric: *symmetric };
                Some(bits.apply(tensor, alpha))
            }
            Self::Binary { alpha, .. } => Some(qkeras::binary(tensor, alpha)),
            Self::Ternary { alpha, threshold } => Some(qkeras::ternary(tensor, alpha, *threshold)),
            Self::PowerOfTwo { bits, max_value } => Some(qkeras::power_of_two(tensor, *bits, *max_value)),
            Self::Sign => plain(x.iter().map(|&x| if x >= 0.0 { 1.0 } else { -1.0 }).collect()),
            Self::Thirds => plain(x.iter().map(|&x| third(x, 0.5)).collect()),
            Self::Fixed(format) => {
                plain(x.iter().map(|&x| to_f64(from_f64(x, *format), format.frac_bits())).collect())
            }
            _ => None,
        }
    }
}

fn third(x: f64, limit: f64) -> f64 {
    if x > limit {
        1.0
    } else if x <= -limit {
        -1.0
    } else {
        0.0
    }
}
