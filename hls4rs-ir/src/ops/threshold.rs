//! Activations with two or three values whose steps are trained.

use hls4rs_fixed::{Format, Wide};

use super::quantized_tanh::settle_steps;
use super::{Layer, Parameter, Unfit};
use crate::range::aligned;
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Steps at trained thresholds: what a batch normalisation and a `binary_tanh` or `ternary_tanh` after it come to.
///
/// `binary_threshold` is 1 where `x >= threshold`, else -1. `ternary_threshold` is 1 where `x > upper`, -1 where
/// `x <= lower`, else 0.
///
/// # Shapes
/// `x: any`, thresholds `[channels]` or as `x`, `y` as `x`.
/// # Precision
/// The comparison is exact. The values 1, 0 and -1 are cast to the result; `auto` is two bits. In an unsigned result
/// `binary_threshold` has a 0 for the -1, as binary networks keep their data in one bit.
/// # Source
/// hls4ml `nnet_utils/nnet_batchnorm.h`, `normalize_binary_tanh` and `normalize_ternary_tanh`; Umuroglu et al. 2017,
/// doi:10.1145/3020078.3021744, section 4.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Whether there are two thresholds, and a 0 between them.
    pub ternary: bool,
}

impl Threshold {
    /// The slots of the thresholds, the upper one first.
    pub const fn thresholds(&self) -> [Slot; 2] {
        if self.ternary { [Slot::Upper, Slot::Lower] } else { [Slot::Threshold, Slot::Threshold] }
    }

    /// The format in which `x` and a threshold are compared exactly.
    pub const fn compared(x: Format, threshold: Format) -> Format {
        aligned(x, threshold)
    }
}

impl Layer for Threshold {
    fn keyword(&self) -> &'static str {
        if self.ternary { "ternary_threshold" } else { "binary_threshold" }
    }

    fn slots(&self) -> &'static [Slot] {
        if self.ternary { &[Slot::Upper, Slot::Lower] } else { &[Slot::Threshold] }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let shape = Shape::new(&[inputs[0].channels()]).expect("an extent of a shape");
        let alternative = Some(inputs[0].clone());
        let parameter = |&slot: &Slot| Parameter {
            slot,
            shape: shape.clone(),
            alternative: alternative.clone(),
            optional: false,
        };
        self.slots().iter().map(parameter).collect()
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let [upper, lower] = self.thresholds();
        let upper = cx.store_values(upper)?.clone();
        let lower = if self.ternary { cx.store_values(lower)?.clone() } else { upper.clone() };
        let common = [&upper, &lower].map(|t| Self::compared(x.result(), t.format));
        cx.exact(0, if common[0].width > common[1].width { common[0] } else { common[1] })?;
        let frac_bits = x.range.frac_bits.max(upper.format.frac_bits()).max(lower.format.frac_bits());
        let finer = |raw: Wide, from: i32| raw << (frac_bits - from).unsigned_abs();
        let step = |i: usize, raw: Wide| {
            let x = finer(raw, x.range.frac_bits);
            let limit = |t: &crate::RawTensor| {
                finer(Wide::from_i64(t.raw[i % t.raw.len()]), t.format.frac_bits())
            };
            match self.ternary {
                true if x > limit(&upper) => 1,
                true if x > limit(&lower) => 0,
                false if x >= limit(&upper) => 1,
                _ => -1,
            }
        };
        let steps = x.range.elements.iter().enumerate().map(|(i, e)| (step(i, e.lo), step(i, e.hi)));
        let steps = steps.collect();
        Some(settle_steps(cx, steps))
    }
}
