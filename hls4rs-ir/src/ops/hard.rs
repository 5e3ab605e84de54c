//! Sigmoid and tangent from one straight line.

use hls4rs_fixed::{Format, Wide};

use super::{Layer, Unfit, finite};
use crate::attr::{Attr, AttrRef};
use crate::constants::scalar_in;
use crate::range::{Interval, aligned};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Hard sigmoid, `y = min(max(slope · x + shift, 0), 1)`, or hard tangent, `2 · y - 1`.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `slope` and `shift` are stored in their formats; `auto` is exact where that takes at most 16 bits, else 16 bits
/// (`ufixed<16,0>` for 0.2). All of the expression is exact; one cast to the result. `auto` of the
/// result is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hard {
    /// Whether this is the tangent.
    pub tanh: bool,
    /// The slope of the line.
    pub slope: f64,
    /// Its value at zero.
    pub shift: f64,
}

impl Hard {
    /// The hard sigmoid.
    pub const fn sigmoid() -> Self {
        Self { tanh: false, slope: 0.2, shift: 0.5 }
    }

    /// The hard tangent.
    pub const fn tanh() -> Self {
        Self { tanh: true, ..Self::sigmoid() }
    }

    /// The exact format of `slope · x + shift`, before the limits; never of fewer than zero fraction bits, so that
    /// it holds the limits.
    pub const fn exact(x: Format, slope: Format, shift: Format) -> Format {
        aligned(slope.product(x).sum(shift), Format::ufixed(1, 1))
    }

    /// The format of the result before its cast: values from -1 to 1 in the unit of [`exact`](Self::exact).
    pub const fn bounded(exact: Format) -> Format {
        let frac_bits = exact.frac_bits();
        Format::fixed(frac_bits.unsigned_abs() + 2, 2)
    }
}

impl Layer for Hard {
    fn keyword(&self) -> &'static str {
        if self.tanh { "hard_tanh" } else { "hard_sigmoid" }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![
            Attr { name: "slope", doc: "slope of the line", value: AttrRef::Real(&mut self.slope) },
            Attr { name: "shift", doc: "value of the line at zero", value: AttrRef::Real(&mut self.shift) },
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Slope, Slot::Shift]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        finite("slope", self.slope)?;
        finite("shift", self.shift)?;
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let slope = cx.store_scalar(Slot::Slope, self.slope, scalar_in(self.slope, 16))?.clone();
        let shift = cx.store_scalar(Slot::Shift, self.shift, scalar_in(self.shift, 16))?.clone();
        let exact = cx.exact(0, Self::exact(x.result(), slope.format, shift.format))?;
        let bits = |from: i32| (exact.frac_bits() - from).unsigned_abs();
        let product_bits = bits(x.range.frac_bits + slope.format.frac_bits());
        let term = Interval::point(Wide::from_i64(shift.raw[0])).finer(bits(shift.format.frac_bits()));
        let one = Wide::ONE << bits(0);
        let values = x.range.map(exact.frac_bits(), |x| {
            let line = x.scaled(Wide::from_i64(slope.raw[0])).finer(product_bits).sum(term);
            let y = line.map(|y| y.max(Wide::ZERO).min(one));
            if self.tanh { y.map(|y| (y << 1) - one) } else { y }
        });
        Some(cx.settle_result(&values).into())
    }
}
