//! Quantizers of trained values: what is applied to them before they are stored.

mod apply;
mod qkeras;

pub use apply::Quantized;

use hls4rs_fixed::{Overflow, Rounding};

use crate::Tensor;

/// How values are rounded and what happens to those out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    /// How values are rounded.
    pub rounding: Rounding,
    /// What happens to values out of range.
    pub overflow: Overflow,
}

/// The factor of QKeras quantizers.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Alpha {
    /// None given: 1, but for those quantizers that have a rule of their own for it.
    #[default]
    None,
    /// The best fit to the values, for every output.
    Auto,
    /// The best fit that is a power of two.
    AutoPo2,
    /// One factor.
    Value(f64),
    /// One factor for every output.
    Values(Vec<f64>),
}

/// A quantizer of trained values or of a result, by the library that defines it.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantizer {
    /// QKeras `quantized_bits`; also `linear` with all defaults.
    QuantizedBits {
        /// All bits.
        bits: u32,
        /// Integer bits without the sign.
        integer: i32,
        /// Whether there is a sign.
        keep_negative: bool,
        /// Whether the range is symmetric.
        symmetric: bool,
        /// The factor.
        alpha: Alpha,
    },
    /// QKeras `quantized_relu`.
    QuantizedRelu {
        /// All bits.
        bits: u32,
        /// Integer bits.
        integer: i32,
        /// The slope below 0.
        negative_slope: f64,
    },
    /// QKeras `quantized_tanh`.
    QuantizedTanh {
        /// All bits.
        bits: u32,
        /// Whether the range is symmetric.
        symmetric: bool,
    },
    /// QKeras `quantized_sigmoid`.
    QuantizedSigmoid {
        /// All bits.
        bits: u32,
    },
    /// QKeras `quantized_po2`: a sign and a power of two.
    PowerOfTwo {
        /// All bits, sign included.
        bits: u32,
        /// The greatest magnitude, if it is limited.
        max_value: Option<f64>,
    },
    /// QKeras `binary`, `stochastic_binary`: -1 or 1.
    Binary {
        /// Whether the sign is kept in one bit (kernels of dense layers and convolutions), else in two.
        one_bit: bool,
        /// The factor.
        alpha: Alpha,
    },
    /// QKeras `ternary`, `stochastic_ternary`: -1, 0 or 1.
    Ternary {
        /// The factor.
        alpha: Alpha,
        /// Up to which magnitude a value is 0, if it is said.
        threshold: Option<f64>,
    },
    /// hls4ml's own for layers such as `BinaryDense`: -1 or 1.
    Sign,
    /// hls4ml's own for layers such as `TernaryDense`: 1 above 0.5, -1 up to -0.5, else 0.
    Thirds,
    /// A fixed-point format for every element (HGQ); masks have the shape of the values, or extent 1 along an axis.
    PerElement {
        /// Which elements have a sign: 1 or 0.
        signed: Tensor,
        /// All bits.
        width: Tensor,
        /// Integer bits, sign included.
        int_bits: Tensor,
        /// For all elements.
        modes: Modes,
    },
    /// A fixed-point format for all elements, rounded and limited with its own modes.
    Fixed(hls4rs_fixed::Format),
}
