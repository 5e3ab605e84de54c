//! The piecewise linear sigmoid and tanh.

use hls4rs_fixed::{Cast, Format, Number};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, bits, most};
use super::rows::{assigned, map};

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
    fn row<C: Int, const L: usize>(&self, _: usize, x: [C; L]) -> [C; L] {
        let (slope, shift) = (C::from_i64(self.slope), C::from_i64(self.shift).up(self.shift_up));
        let one = C::from_i64(1).up(self.one);
        let y = map(x, |x| {
            let y = x.times(slope).up(self.product_up).plus(shift).max(C::default()).min(one);
            if self.tanh { y.up(1).minus(one) } else { y }
        });
        assigned(&self.cast, y)
    }
}

/// Hard sigmoid: `y = clip(slope · x + shift, 0, 1)`, one cast.
#[inline]
pub fn hard_sigmoid<X: Number, S: Number, H: Number, R: Number, const N: usize>(x: &[X; N], slope: S, shift: H) -> [R; N] {
    hard(x, slope, shift, false)
}

/// Hard tanh: `y = 2 · clip(slope · x + shift, 0, 1) - 1`, one cast.
#[inline]
pub fn hard_tanh<X: Number, S: Number, H: Number, R: Number, const N: usize>(x: &[X; N], slope: S, shift: H) -> [R; N] {
    hard(x, slope, shift, true)
}

#[inline(always)]
fn hard<X: Number, S: Number, H: Number, R: Number, const N: usize>(x: &[X; N], slope: S, shift: H, tanh: bool) -> [R; N] {
    let formats = [X::FORMAT, S::FORMAT, H::FORMAT, R::FORMAT];
    apply(&HardKernel::new(formats, (slope.to_i64(), shift.to_i64()), tanh), x)
}
