//! Activations with two or three values.

use hls4rs_fixed::{Cast, Format, Wide};

use super::{Layer, Unfit};
use crate::Shape;
use crate::hardware::Io;
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};

/// The activations of binary and ternary networks, hyperbolic tangents with two or three values.
///
/// `binary_tanh` is 1 where `x >= 0`, else -1. `ternary_tanh` is 1 where `x > 1/2`, -1 where `x <= -1/2`, else 0.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `ternary_tanh` compares `2 · x`, cast to the format of `x`, with 1 and -1: where the double wraps, so does the result.
/// In `io: stream` it compares `x` itself with 1 and -1, as the reference does.
/// The values 1, 0 and -1 are cast to the result; `auto` is two bits. In an unsigned result `binary_tanh` has a 0 for
/// the -1, as binary networks keep their data in one bit; `batch_norm` with factor 2 and offset -1 turns it back.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`; Courbariaux et al. 2016, arXiv:1602.02830.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantizedTanh {
    /// Whether there is a 0 between -1 and 1.
    pub ternary: bool,
}

impl QuantizedTanh {
    /// Where the values change, in units of `2^-frac_bits` of [`compared`](Self::compared): above the first it is 1, up
    /// to the second it is -1.
    pub const fn limits(&self) -> [i64; 2] {
        if self.ternary { [1, -1] } else { [0, 0] }
    }

    /// What is compared with the limits: `x` or its double in the format of `x`.
    pub fn compared(&self, x: Format, io: Io) -> Option<Cast> {
        let double = Format { int_bits: x.int_bits + 1, ..x };
        (self.ternary && io == Io::Parallel).then(|| Cast::new(double, x))
    }
}

/// The values of an activation between the values at the ends of its input.
pub(super) fn settle_steps(cx: &mut NodeCx<'_>, steps: Vec<(i64, i64)>) -> Done {
    let unsigned = cx.precision(crate::Slot::Result).format().is_some_and(|format| !format.signed);
    let value = |v: i64| Wide::from_i64(if unsigned { v.max(0) } else { v });
    let elements = steps.into_iter().map(|(lo, hi)| Interval::new(value(lo), value(hi))).collect();
    cx.settle_result(&Ranges { frac_bits: 0, elements }).into()
}

impl Layer for QuantizedTanh {
    fn keyword(&self) -> &'static str {
        if self.ternary { "ternary_tanh" } else { "binary_tanh" }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let compared = self.compared(x.result(), cx.io());
        let frac_bits = x.range.frac_bits;
        let step = |raw: Wide| {
            // In units of one, rounded down: enough to compare with whole numbers, but for what is above one.
            let (floor, rest) = match u32::try_from(frac_bits) {
                Ok(bits) => (raw >> bits, !(raw - ((raw >> bits) << bits)).is_zero()),
                Err(_) => (raw << frac_bits.unsigned_abs().min(64), false),
            };
            let above = |limit: i64| floor > Wide::from_i64(limit) || (floor == Wide::from_i64(limit) && rest);
            match self.ternary {
                true if above(1) => 1,
                true if above(-1) => 0,
                false if !raw.is_negative() => 1,
                _ => -1,
            }
        };
        let steps = x.range.elements.iter().map(|e| match &compared {
            Some(cast) if cast.overflows(e.lo) || cast.overflows(e.hi) => (-1, 1),
            Some(cast) => (step(cast.wide(e.lo)), step(cast.wide(e.hi))),
            None => (step(e.lo), step(e.hi)),
        });
        let steps = steps.collect();
        Some(settle_steps(cx, steps))
    }
}
