//! What quantizers make of trained values, in single precision as the libraries compute.

use hls4rs_fixed::{Format, from_f64, to_f64};

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
                false => Type::Fixed(Format::fixed(*bits, integer + 1)),
            },
            Self::PowerOfTwo { bits, .. } => Type::Exponent(*bits),
            Self::Binary { .. } | Self::Sign => Type::Xnor,
            Self::Ternary { .. } | Self::Thirds => Type::Fixed(Format::int(2)),
            Self::Fixed(format) => Type::Fixed(*format),
            Self::QuantizedRelu { .. } | Self::QuantizedTanh { .. } | Self::QuantizedSigmoid { .. } => {
                Type::Fixed(Format::fixed(16, 6))
            }
            Self::PerElement { .. } => Type::Fixed(Format::fixed(16, 6)),
        }
    }

    /// The factor of the quantizer, if it has one.
    pub fn alpha(&self) -> Option<&Alpha> {
        match self {
            Self::QuantizedBits { alpha, .. } | Self::Binary { alpha } | Self::Ternary { alpha, .. } => {
                Some(alpha)
            }
            _ => None,
        }
    }

    /// The same quantizer with a factor of 1.
    pub fn without_alpha(&self) -> Self {
        let mut plain = self.clone();
        if let Self::QuantizedBits { alpha, .. } | Self::Binary { alpha } | Self::Ternary { alpha, .. } =
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
                let scale = match alpha {
                    Alpha::None => 1.0,
                    Alpha::Value(v) => *v as f32,
                    _ => return None,
                };
                let one = |&x: &f64| {
                    f64::from(quantized_bits(x as f32, *bits, *integer, *keep_negative, *symmetric, scale))
                };
                Some(Quantized { values: x.iter().map(one).collect(), scale: vec![f64::from(scale)] })
            }
            Self::Binary { alpha: Alpha::Value(scale) } => {
                let values = x.iter().map(|&x| if x >= 0.0 { *scale } else { -scale }).collect();
                Some(Quantized { values, scale: vec![*scale] })
            }
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

/// One value of QKeras `quantized_bits`; the last sum is what its straight-through estimator leaves.
fn quantized_bits(x: f32, bits: u32, integer: i32, keep_negative: bool, symmetric: bool, scale: f32) -> f32 {
    let unsigned_bits = bits as i32 - i32::from(keep_negative);
    let steps = (unsigned_bits as f32).exp2();
    let unit = (integer as f32).exp2();
    let quantized = if unsigned_bits > 0 {
        let least = if keep_negative { -steps + f32::from(u8::from(symmetric)) } else { 0.0 };
        unit * (x * steps / unit).round_ties_even().clamp(least, steps - 1.0) / steps
    } else {
        let sign = if x == 0.0 { 1.0 } else { x.signum() };
        if keep_negative { sign } else { (sign + 1.0) / 2.0 }
    };
    x + (scale * quantized - x)
}
