//! The rectified linear unit that lets a part of negative values through.

use hls4rs_fixed::{Format, Wide};

use super::{Layer, Unfit, finite};
use crate::attr::{Attr, AttrRef};
use crate::constants::scalar_format;
use crate::range::{Interval, aligned};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Leaky rectified linear unit: `y = x > 0 ? x : alpha · x`.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `alpha` is stored in its own format, `auto` with at most eight bits and a sign. The product is exact; one cast of
/// `x` or of the product to the result. `auto` of the result is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The factor of negative values.
    pub alpha: f64,
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self { alpha: 0.3 }
    }
}

impl LeakyRelu {
    /// The exact format of `alpha · x`.
    pub const fn product(x: Format, alpha: Format) -> Format {
        alpha.product(x)
    }
}

/// What `x > 0 ? x : alpha · x` can be, in units that are finer than those of `x` by the fraction bits of `alpha`
/// (not coarser, if it has fewer than none).
pub(super) fn leaky(x: Interval, alpha: Wide, alpha_frac_bits: i32) -> Interval {
    let (x_bits, product_bits) = (alpha_frac_bits.max(0).unsigned_abs(), (-alpha_frac_bits).max(0).unsigned_abs());
    let positive = (x.hi > Wide::ZERO).then(|| Interval::new(x.lo.max(Wide::ONE), x.hi).finer(x_bits));
    let other = (x.lo <= Wide::ZERO)
        .then(|| Interval::new(x.lo, x.hi.min(Wide::ZERO)).scaled(alpha).finer(product_bits));
    positive.into_iter().chain(other).reduce(Interval::hull).expect("a value is positive or not")
}

impl Layer for LeakyRelu {
    fn keyword(&self) -> &'static str {
        "leaky_relu"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "alpha", doc: "factor of negative values", value: AttrRef::Real(&mut self.alpha) }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Alpha]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        finite("alpha", self.alpha)?;
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let alpha = cx.store_scalar(Slot::Alpha, self.alpha, scalar_format(self.alpha))?;
        let (alpha, format) = (Wide::from_i64(alpha.raw[0]), alpha.format);
        cx.exact(0, aligned(x.result(), Self::product(x.result(), format)))?;
        let frac_bits = x.range.frac_bits + format.frac_bits().max(0);
        let values = x.range.map(frac_bits, |x| leaky(x, alpha, format.frac_bits()));
        Some(cx.settle_result(&values).into())
    }
}
