//! Batch normalization, folded to an affine map.

use hls4rs_fixed::{Cast, Format, Number};

use super::elementwise::{Elementwise, apply};
use super::int::Int;
use super::rows::{assigned, map};
use super::{Constants, Values};

/// `y[i] = x[i] · scale[c] + bias[c]`, `c = i mod channels`.
#[derive(Clone, Copy, Debug)]
pub struct AffineKernel<S, B> {
    scale: S,
    bias: B,
    product_up: u32,
    bias_up: u32,
    cast: Cast,
}

impl<S: Values, B: Values> AffineKernel<S, B> {
    /// Prepares the layer for its input, scale, bias and result formats.
    pub const fn new([x, scale_format, bias_format, result]: [Format; 4], scale: S, bias: B) -> Self {
        let product = x.product(scale_format);
        let sum = product.sum(bias_format);
        Self {
            scale,
            bias,
            product_up: (sum.frac_bits() - product.frac_bits()).unsigned_abs(),
            bias_up: (sum.frac_bits() - bias_format.frac_bits()).unsigned_abs(),
            cast: Cast::new(sum, result),
        }
    }
}

impl<S: Values, B: Values> Elementwise for AffineKernel<S, B> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.cast.container_bits()
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, i: usize, x: [C; L]) -> [C; L] {
        let scale = C::from_i64(self.scale.at(i % self.scale.count()));
        let bias = C::from_i64(self.bias.at(i % self.bias.count())).up(self.bias_up);
        assigned(&self.cast, map(x, |x| x.times(scale).up(self.product_up).plus(bias)))
    }
}

/// Batch normalization: `y[i] = x[i] · scale[c] + bias[c]`, `c = i mod C`, one cast.
#[inline]
pub fn batch_norm<X, S, B, R, const N: usize, const C: usize, const D: usize>(
    x: &[X; N],
    scale: &Constants<S, C>,
    bias: &Constants<B, D>,
) -> [R; N]
where
    X: Number,
    S: Number,
    B: Number,
    R: Number,
{
    apply(&AffineKernel::new([X::FORMAT, S::FORMAT, B::FORMAT, R::FORMAT], scale, bias), x)
}
