//! The rectified linear unit.

use hls4rs_fixed::{Cast, Format, Number, Wide};

use super::elementwise::{Elementwise, ShortRows, apply, apply_in, short_rows};
use super::int::{Int, bits, most};
use super::rows::{Short, assign_each};
use super::with_const_container;

/// `y = x > 0 ? x : 0`, at most a limit.
#[derive(Clone, Copy, Debug)]
pub struct ReluKernel {
    cast: Cast,
    /// The greatest raw input that is not above the limit, and the result above it.
    limit: Option<(Wide, Wide)>,
}

impl ReluKernel {
    /// Prepares the layer for its input and result formats and a whole number as the limit.
    pub const fn new(x: Format, result: Format, max: Option<u64>) -> Self {
        let limit = match max {
            None => None,
            Some(max) => {
                let whole = Format::ufixed(64, 64);
                let max = Wide::from_i128(max as i128);
                // Rounding down: an input is above the limit when it is above the last multiple of its unit.
                let unlimited = Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - x.frac_bits());
                Some((Cast::new(whole, unlimited).wide(max), Cast::new(whole, result).wide(max)))
            }
        };
        Self { cast: Cast::new(x, result), limit }
    }

    /// The width of the integers that this takes.
    const fn bits(&self) -> u32 {
        let limit = match self.limit {
            Some((x, y)) => most(x.bits(), y.bits()),
            None => 1,
        };
        most(most(self.cast.container_bits(), bits(self.cast.src())), limit)
    }
}

impl Elementwise for ReluKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.bits()
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        let above = self.limit.map(|(limit, result)| (*x, C::from_wide(limit), C::from_wide(result)));
        *x = assign_each!(C, L, &self.cast, l => x[l].max(C::default()));
        if let Some((inputs, limit, result)) = above {
            for l in 0..L {
                x[l] = if inputs[l] > limit { result } else { x[l] };
            }
        }
    }
}

impl ShortRows for ReluKernel {
    fn is_short(&self) -> bool {
        self.bits() <= 32 && self.limit.is_none()
    }

    #[inline(always)]
    fn rows<'a, X: Short, Y: Short, const L: usize>(
        &self,
        x: impl Iterator<Item = &'a [X; L]>,
        y: impl Iterator<Item = &'a mut [Y; L]>,
    ) {
        short_rows(&self.cast, true, x, y);
    }
}

/// Rectified linear unit: `y = x > 0 ? x : 0`, one cast.
#[inline]
pub fn relu<X: Number, R: Number, const N: usize>(x: &[X; N]) -> [R; N] {
    let kernel = const { ReluKernel::new(X::FORMAT, R::FORMAT, None) };
    with_const_container!(ReluKernel::new(X::FORMAT, R::FORMAT, None).bits(), C => apply_in::<C, X, R, N>(&kernel, x))
}

/// Rectified linear unit with a limit: `y = min(max(x, 0), max)`, one cast.
#[inline]
pub fn relu_max<X: Number, R: Number, const N: usize>(x: &[X; N], max: u64) -> [R; N] {
    apply(&ReluKernel::new(X::FORMAT, R::FORMAT, Some(max)), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Relu;

    use crate::hls::{Comparison, Emit, Expr, Function, Index, LayerCx, elementwise};

    impl Emit for Relu {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let x = || cx.read_x(Index::var("i"));
            let positive = x().compare(Comparison::Greater, Expr::whole(0));
            let mut value = Expr::select(cx.result.clone(), positive, x(), Expr::whole(0));
            let mut what = "relu.".to_owned();
            if let Some(limit) = self.limit(0) {
                let limit = Expr::tight(limit, 0);
                let above = x().compare(Comparison::Greater, limit.clone());
                value = Expr::select(cx.result.clone(), above, limit, value);
                what = format!("relu with the limit {}.", self.max.unwrap_or_default());
            }
            Some(elementwise(cx, &what, &[], Vec::new(), value))
        }
    }
}
