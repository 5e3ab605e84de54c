//! The rectified linear unit with a trained slope for each negative element.

use hls4rs_fixed::{Format, Wide};

use super::leaky_relu::leaky;
use super::{Layer, Parameter, Unfit};
use crate::range::{Ranges, aligned};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Parametric rectified linear unit: `y[i] = x[i] > 0 ? x[i] : alpha[i] · x[i]`.
///
/// # Shapes
/// `x: any`, `alpha` and `y` as `x`.
/// # Precision
/// The product is exact; one cast of `x` or of the product to the result. `auto` is the narrowest format for the
/// range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`; He et al. 2015, arXiv:1502.01852.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prelu;

impl Prelu {
    /// The exact format of `alpha · x`.
    pub const fn product(x: Format, alpha: Format) -> Format {
        alpha.product(x)
    }
}

impl Layer for Prelu {
    fn keyword(&self) -> &'static str {
        "prelu"
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Alpha]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        vec![Parameter { slot: Slot::Alpha, shape: inputs[0].clone(), alternative: None, optional: false }]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let alpha = cx.store_values(Slot::Alpha)?.clone();
        cx.exact(0, aligned(x.result(), Self::product(x.result(), alpha.format)))?;
        let alpha_frac_bits = alpha.format.frac_bits();
        let pairs = x.range.elements.iter().zip(&alpha.raw);
        let elements = pairs.map(|(&x, &a)| leaky(x, Wide::from_i64(a), alpha_frac_bits)).collect();
        let frac_bits = x.range.frac_bits + alpha_frac_bits.max(0);
        Some(cx.settle_result(&Ranges { frac_bits, elements }).into())
    }
}
