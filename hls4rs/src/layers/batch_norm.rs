//! Batch normalization, folded to an affine map.

use hls4rs_fixed::{Cast, Format, Number};

use super::elementwise::{Elementwise, ShortRows, apply};
use super::int::Int;
use super::rows::{Short, any_modes, assign_each, map, with_modes};
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
    fn row<C: Int, const L: usize>(&self, i: usize, x: &mut [C; L]) {
        let scale = C::from_i64(self.scale.at(i % self.scale.count()));
        let bias = C::from_i64(self.bias.at(i % self.bias.count())).up(self.bias_up);
        let up = self.product_up;
        *x = assign_each!(C, L, &self.cast, l => x[l].times(scale).up(up).plus(bias));
    }
}

impl<S: Values, B: Values> ShortRows for AffineKernel<S, B> {
    fn is_short(&self) -> bool {
        self.cast.container_bits() <= 32
    }

    #[inline(always)]
    fn rows<'a, X: Short, Y: Short, const L: usize>(
        &self,
        x: impl Iterator<Item = &'a [X; L]>,
        y: impl Iterator<Item = &'a mut [Y; L]>,
    ) {
        let up = self.product_up;
        let constants = |i: usize| {
            let (scale, bias) = (self.scale.at(i % self.scale.count()), self.bias.at(i % self.bias.count()));
            (i32::from_i64(scale), i32::from_i64(bias).up(self.bias_up))
        };
        with_modes!(i32, &self.cast, assigned => {
            for (i, (x, y)) in x.zip(y).enumerate() {
                let (scale, bias) = constants(i);
                for l in 0..L {
                    y[l] = Y::narrow(assigned!(x[l].widen().times(scale).up(up).plus(bias)));
                }
            }
        }, _ => {
            for (i, (x, y)) in x.zip(y).enumerate() {
                let (scale, bias) = constants(i);
                let row = any_modes(&self.cast, &map(x, |x| x.widen().times(scale).up(up).plus(bias)));
                for l in 0..L {
                    y[l] = Y::narrow(row[l]);
                }
            }
        });
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

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::BatchNorm;

    use crate::hls::{Constant, Emit, Function, Index, LayerCx, Stmt, Storage};

    impl Emit for BatchNorm {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let scale = values(cx, Slot::Scale, "factor");
            let bias = cx.stored(Slot::Bias).map(|_| values(cx, Slot::Bias, "offset"));
            // One value for each channel, or for each element; either list may be the shorter one.
            let lists = [Some(&scale), bias.as_ref()].into_iter().flatten();
            let channels = lists.map(|c| c.raw.len()).min().unwrap_or(1);
            let (row, channel) = (Index::var("row").times(channels), Index::var("channel"));
            let rows = cx.len() / channels;
            let element = if rows == 1 { channel.clone() } else { row.plus(channel.clone()) };
            let at = |c: &Constant| {
                c.at([if c.raw.len() == channels { channel.clone() } else { element.clone() }])
            };
            let product = cx.read_x(element.clone()).times(at(&scale));
            let value = match &bias {
                Some(bias) => product.plus(at(bias)),
                None => product,
            };
            let assign = Stmt::assign("y", [element.clone()], cx.result.clone(), value);
            let inner = Stmt::unrolled("channel", channels, vec![assign]);
            let body = if rows == 1 { inner } else { Stmt::unrolled("row", rows, vec![inner]) };
            let reads: Vec<_> = [Some(&scale), bias.as_ref()].into_iter().flatten().collect();
            Some(cx.function("batch normalization.", &reads, vec![body]))
        }
    }

    fn values(cx: &mut LayerCx<'_>, slot: Slot, doc: &str) -> Constant {
        let raw = cx.facts.constant(slot).raw.clone();
        cx.arranged(slot, vec![raw.len()], raw, Storage::Registers, doc)
    }
}
