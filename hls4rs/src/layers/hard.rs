//! The piecewise linear sigmoid and tanh.

use hls4rs_fixed::{Cast, Format, Number};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, bits, most};
use super::rows::assign_each;

/// `y = clip(slope · x + shift, 0, 1)`, and `2y - 1` for tanh.
#[derive(Clone, Copy, Debug)]
pub struct HardKernel {
    tanh: bool,
    slope: i64,
    shift: i64,
    /// How far product and shift are below the unit of the sum.
    product_up: u32,
    shift_up: u32,
    one: u32,
    line: Format,
    cast: Cast,
}

impl HardKernel {
    /// Prepares the layer for its input, slope, shift and result formats.
    pub const fn new([x, slope, shift, result]: [Format; 4], constants: (i64, i64), tanh: bool) -> Self {
        let product = slope.product(x);
        let sum = product.sum(shift);
        // 1 has to be a multiple of the unit.
        let frac_bits = if sum.frac_bits() > 0 { sum.frac_bits() } else { 0 };
        let line = Format::fixed((sum.int_bits + frac_bits + 2).unsigned_abs(), sum.int_bits + 2);
        let bounded = Format::fixed((frac_bits + 3).unsigned_abs(), 3);
        Self {
            tanh,
            slope: constants.0,
            shift: constants.1,
            product_up: (frac_bits - product.frac_bits()).unsigned_abs(),
            shift_up: (frac_bits - shift.frac_bits()).unsigned_abs(),
            one: frac_bits.unsigned_abs(),
            line,
            cast: Cast::new(bounded, result),
        }
    }
}

impl Elementwise for HardKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(bits(self.line), self.cast.container_bits()) + 2
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        let (slope, shift) = (C::from_i64(self.slope), C::from_i64(self.shift).up(self.shift_up));
        let one = C::from_i64(1).up(self.one);
        // The tangent is stretched over both signs: 2y - 1.
        let (up, stretch, down) =
            (self.product_up, u32::from(self.tanh), if self.tanh { one } else { C::default() });
        *x = assign_each!(C, L, &self.cast, l => {
            x[l].times(slope).up(up).plus(shift).max(C::default()).min(one).up(stretch).minus(down)
        });
    }
}

/// Hard sigmoid: `y = clip(slope · x + shift, 0, 1)`, one cast.
#[inline]
pub fn hard_sigmoid<X: Number, S: Number, H: Number, R: Number, const N: usize>(
    x: &[X; N],
    slope: S,
    shift: H,
) -> [R; N] {
    hard(x, slope, shift, false)
}

/// Hard tanh: `y = 2 · clip(slope · x + shift, 0, 1) - 1`, one cast.
#[inline]
pub fn hard_tanh<X: Number, S: Number, H: Number, R: Number, const N: usize>(
    x: &[X; N],
    slope: S,
    shift: H,
) -> [R; N] {
    hard(x, slope, shift, true)
}

#[inline(always)]
fn hard<X: Number, S: Number, H: Number, R: Number, const N: usize>(
    x: &[X; N],
    slope: S,
    shift: H,
    tanh: bool,
) -> [R; N] {
    let formats = [X::FORMAT, S::FORMAT, H::FORMAT, R::FORMAT];
    apply(&HardKernel::new(formats, (slope.to_i64(), shift.to_i64()), tanh), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::Wide;
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::Hard;

    use crate::hls::{Comparison, Emit, Expr, Function, Index, LayerCx, Stmt, elementwise};

    impl Emit for Hard {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let scalar = |slot: Slot| {
                let stored = cx.facts.constant(slot);
                Expr::constant(Wide::from_i64(stored.raw[0]), stored.format)
            };
            let x = cx.read_x(Index::var("i"));
            let exact = Hard::exact(x.format, cx.facts.format(Slot::Slope), cx.facts.format(Slot::Shift));
            let line = scalar(Slot::Slope).times(x).plus(scalar(Slot::Shift));
            let bounded = Hard::bounded(exact);
            let read = || Expr::var("line", line.format);
            let above = read().compare(Comparison::Greater, Expr::whole(1));
            let below = read().compare(Comparison::Less, Expr::whole(0));
            let inner = Expr::select(bounded, below, Expr::whole(0), read());
            let limited = Expr::select(bounded, above, Expr::whole(1), inner);
            let mut before = vec![Stmt::bind("line", line.format.into(), line.clone())];
            if !self.tanh {
                return Some(elementwise(cx, "hard sigmoid.", &[], before, limited));
            }
            before.push(Stmt::bind("limited", bounded.into(), limited));
            let value = Expr::whole(2).times(Expr::var("limited", bounded)).minus(Expr::whole(1));
            Some(elementwise(cx, "hard tanh.", &[], before, value))
        }
    }
}
