//! The functions of gates and candidates.

use hls4rs_fixed::{Format, Wide};

use crate::attr::AttrRef;
use crate::range::{Interval, quantized};
use crate::tables::Function;

/// A function of a gate or of the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// The logistic function, from a table.
    Sigmoid,
    /// The hyperbolic tangent, from a table.
    Tanh,
    /// `ln(exp(x) + 1)`, from a table.
    Softplus,
    /// `x / (|x| + 1)`, from a table.
    Softsign,
    /// `0.2 · x + 0.5`, at least 0 and at most 1.
    HardSigmoid,
    /// `x`, at least 0.
    Relu,
    /// `x`.
    Linear,
}

impl Curve {
    /// Every function.
    pub const ALL: [Self; 7] = [
        Self::Sigmoid,
        Self::Tanh,
        Self::Softplus,
        Self::Softsign,
        Self::HardSigmoid,
        Self::Relu,
        Self::Linear,
    ];

    /// Their keywords, in the same order.
    pub const NAMES: &'static [&'static str] =
        &["sigmoid", "tanh", "softplus", "softsign", "hard_sigmoid", "relu", "linear"];

    /// The keyword.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The function of the table, for those that have one.
    pub const fn function(self) -> Option<Function> {
        match self {
            Self::Sigmoid => Some(Function::Sigmoid),
            Self::Tanh => Some(Function::Tanh),
            Self::Softplus => Some(Function::Softplus),
            Self::Softsign => Some(Function::Softsign),
            Self::HardSigmoid | Self::Relu | Self::Linear => None,
        }
    }

    /// The values that the function comes near to at its ends, if it has bounds.
    pub const fn bounds(self) -> Option<(f64, f64)> {
        match self {
            Self::Sigmoid | Self::HardSigmoid => Some((0.0, 1.0)),
            Self::Tanh | Self::Softsign => Some((-1.0, 1.0)),
            Self::Softplus | Self::Relu | Self::Linear => None,
        }
    }

    /// What the function gives before any limit, in units of `to`: from its table, or else for the inputs `x`, which
    /// count units of `x_bits` fraction bits.
    pub(super) fn reach(self, table: Option<(Interval, i32)>, x: Interval, x_bits: i32, to: Format) -> Interval {
        match (self, table) {
            (Self::HardSigmoid, _) => quantized(Interval::new(Wide::ZERO, Wide::ONE), 0, to),
            (Self::Relu, _) => quantized(x.map(|raw| raw.max(Wide::ZERO)), x_bits, to),
            (_, Some((entries, bits))) => quantized(entries, bits, to),
            (_, None) => quantized(x, x_bits, to),
        }
    }
}

/// The attribute that chooses a function.
pub(super) fn choice(curve: &mut Curve) -> AttrRef<'_> {
    let index = *curve as usize;
    let set = Box::new(|index: usize| *curve = Curve::ALL[index]);
    AttrRef::Choice { allowed: Curve::NAMES, index, set }
}
