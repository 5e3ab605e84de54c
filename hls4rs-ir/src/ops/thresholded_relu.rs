//! The linear unit that begins at a threshold.

use hls4rs_fixed::{Format, Overflow, Wide, from_f64};

use super::{Layer, Unfit, finite};
use crate::attr::{Attr, AttrRef};
use crate::range::{Interval, aligned, unlimited};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Thresholded linear unit: `y = x > theta ? x : 0`.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `theta` is stored in the format of slot `alpha`; `auto` has the unit of `x` and rounds down, which leaves every
/// comparison as it is. The comparison is exact; one cast of `x` to the result. `auto` of the result is the narrowest
/// format for the range.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdedRelu {
    /// The threshold.
    pub theta: f64,
}

impl Default for ThresholdedRelu {
    fn default() -> Self {
        Self { theta: 1.0 }
    }
}

impl ThresholdedRelu {
    /// The format in which `x` and `theta` are compared exactly.
    pub const fn compared(x: Format, theta: Format) -> Format {
        aligned(x, theta)
    }
}

impl Layer for ThresholdedRelu {
    fn keyword(&self) -> &'static str {
        "thresholded_relu"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "theta", doc: "values up to this become 0", value: AttrRef::Real(&mut self.theta) }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Alpha]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        finite("theta", self.theta)?;
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let unit = Format { rounding: hls4rs_fixed::Rounding::Trn, ..x.result() };
        let floor = from_f64(self.theta, unlimited(unit).with_overflow(Overflow::Sat));
        let theta = cx.store_scalar(Slot::Alpha, self.theta, Format::holding(floor, floor, unit.frac_bits()))?;
        let (theta, format) = (Wide::from_i64(theta.raw[0]), theta.format);
        let common = cx.exact(0, Self::compared(x.result(), format))?;
        // The greatest value of `x` that is not above theta, in units of `x`.
        let coarser = (common.frac_bits() - x.range.frac_bits).unsigned_abs();
        let least = ((theta << (common.frac_bits() - format.frac_bits()).unsigned_abs()) >> coarser) + Wide::ONE;
        let values = x.range.map(x.range.frac_bits, |x| {
            let zero = (x.lo < least).then_some(Interval::point(Wide::ZERO));
            let passed = (x.hi >= least).then(|| Interval::new(x.lo.max(least), x.hi));
            zero.into_iter().chain(passed).reduce(Interval::hull).expect("a value is above the threshold or not")
        });
        Some(cx.settle_result(&values).into())
    }
}
