//! Activations with a parameter: leaky and thresholded relu, prelu, elu.

use hls4rs_fixed::{Cast, Format, Number, TableIndex, Wide};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, bits, most};
use super::rows::{assigned, map};
use super::{Constants, Values};

/// `y = x > 0 ? x : alpha · x`, with one `alpha` for all elements or one for each.
#[derive(Clone, Copy, Debug)]
pub struct LeakyKernel<V> {
    alpha: V,
    plain: Cast,
    scaled: Cast,
}

impl<V: Values> LeakyKernel<V> {
    /// Prepares the layer for its input, parameter and result formats.
    pub const fn new([x, alpha_format, result]: [Format; 3], alpha: V) -> Self {
        Self { alpha, plain: Cast::new(x, result), scaled: Cast::new(alpha_format.product(x), result) }
    }
}

impl<V: Values> Elementwise for LeakyKernel<V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(self.plain.container_bits(), self.scaled.container_bits())
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, i: usize, x: &mut [C; L]) {
        let alpha = C::from_i64(self.alpha.at(if self.alpha.count() == 1 { 0 } else { i }));
        let scaled = assigned(&self.scaled, map(x, |x| x.times(alpha)));
        let plain = assigned(&self.plain, *x);
        for l in 0..L {
            x[l] = if x[l] > C::default() { plain[l] } else { scaled[l] };
        }
    }
}

/// `y = x > theta ? x : 0`.
#[derive(Clone, Copy, Debug)]
pub struct ThresholdKernel {
    cast: Cast,
    /// The greatest raw input that is not above the threshold.
    limit: Wide,
}

impl ThresholdKernel {
    /// Prepares the layer for its input, parameter and result formats.
    pub const fn new([x, theta_format, result]: [Format; 3], theta: i64) -> Self {
        let unlimited = Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - x.frac_bits());
        let limit = Cast::new(theta_format, unlimited).wide(Wide::from_i64(theta));
        Self { cast: Cast::new(x, result), limit }
    }
}

impl Elementwise for ThresholdKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(self.cast.container_bits(), most(bits(self.cast.src()), self.limit.bits()))
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        let limit = C::from_wide(self.limit);
        let plain = assigned(&self.cast, *x);
        for l in 0..L {
            x[l] = if x[l] > limit { plain[l] } else { C::default() };
        }
    }
}

/// `y = x >= 0 ? x : alpha · table[x]`.
#[derive(Clone, Copy, Debug)]
pub struct EluKernel<V> {
    alpha: i64,
    table: V,
    index: TableIndex,
    plain: Cast,
    scaled: Cast,
}

impl<V: Values> EluKernel<V> {
    /// Prepares the layer for its input, parameter, table and result formats.
    pub const fn new(
        [x, alpha_format, table_format, result]: [Format; 4],
        alpha: i64,
        table: V,
        size: usize,
    ) -> Self {
        let scaled = Cast::new(alpha_format.product(table_format), result);
        Self { alpha, table, index: TableIndex::falling(x, size), plain: Cast::new(x, result), scaled }
    }
}

impl<V: Values> Elementwise for EluKernel<V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let casts = most(self.plain.container_bits(), self.scaled.container_bits());
        most(casts, index_bits(self.index))
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        let alpha = C::from_i64(self.alpha);
        let at = map(x, |x| address(self.index, x) as u32);
        let scaled = map(&at, |at| C::from_i64(self.table.at(at as usize)).times(alpha));
        let scaled = assigned(&self.scaled, scaled);
        let plain = assigned(&self.plain, *x);
        for l in 0..L {
            x[l] = if x[l] >= C::default() { plain[l] } else { scaled[l] };
        }
    }
}

/// The width of the integers that hold the addressing value and in which its index is right.
#[inline(always)]
pub(crate) const fn index_bits(index: TableIndex) -> u32 {
    if index.container_bits() <= 63 { index.container_bits() } else { 256 }
}

/// The index of a raw value.
#[inline(always)]
pub(crate) fn address<C: Int>(index: TableIndex, x: C) -> usize {
    // Narrow integers are chosen only where the index is right in them.
    if C::BITS <= 64 { index.i64(x.to_i64()) } else { index.wide(x.to_wide()) }
}

/// Leaky rectified linear unit: `y = x > 0 ? x : alpha · x`, one cast.
#[inline]
pub fn leaky_relu<X: Number, A: Number, R: Number, const N: usize>(x: &[X; N], alpha: A) -> [R; N] {
    let alpha = [alpha.to_i64()];
    apply(&LeakyKernel::new([X::FORMAT, A::FORMAT, R::FORMAT], alpha.as_slice()), x)
}

/// Parametric rectified linear unit: `y[i] = x[i] > 0 ? x[i] : alpha[i] · x[i]`, one cast.
#[inline]
pub fn prelu<X: Number, A: Number, R: Number, const N: usize>(x: &[X; N], alpha: &Constants<A, N>) -> [R; N] {
    apply(&LeakyKernel::new([X::FORMAT, A::FORMAT, R::FORMAT], alpha), x)
}

/// Thresholded rectified linear unit: `y = x > theta ? x : 0`, one cast.
#[inline]
pub fn thresholded_relu<X: Number, A: Number, R: Number, const N: usize>(x: &[X; N], theta: A) -> [R; N] {
    apply(&ThresholdKernel::new([X::FORMAT, A::FORMAT, R::FORMAT], theta.to_i64()), x)
}

/// Exponential linear unit: `y = x >= 0 ? x : alpha · table[x]`, one cast.
#[inline]
pub fn elu<X: Number, A: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    alpha: A,
    table: &Constants<T, S>,
) -> [R; N] {
    let formats = [X::FORMAT, A::FORMAT, T::FORMAT, R::FORMAT];
    apply(&EluKernel::new(formats, alpha.to_i64(), table, S), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::Wide;
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::{Elu, LeakyRelu, Prelu, ThresholdedRelu};

    use crate::hls::{
        Comparison, Condition, Emit, Expr, Function, Index, LayerCx, Stmt, Storage, elementwise,
        table_position,
    };

    /// The one stored value of a slot.
    fn scalar(cx: &LayerCx<'_>, slot: Slot) -> Expr {
        let stored = cx.facts.constant(slot);
        Expr::constant(Wide::from_i64(stored.raw[0]), stored.format)
    }

    fn is_positive(cx: &LayerCx<'_>) -> Condition {
        cx.read_x(Index::var("i")).compare(Comparison::Greater, Expr::whole(0))
    }

    impl Emit for LeakyRelu {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let x = || cx.read_x(Index::var("i"));
            let scaled = scalar(cx, Slot::Alpha).times(x());
            let value = Expr::select(cx.result.clone(), is_positive(cx), x(), scaled);
            Some(elementwise(cx, "leaky relu.", &[], Vec::new(), value))
        }
    }

    impl Emit for Prelu {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let (len, raw) = (cx.len(), cx.facts.constant(Slot::Alpha).raw.clone());
            let registers = Storage::Registers;
            let alpha = cx.arranged(Slot::Alpha, vec![len], raw, registers, "factor of negative values");
            let x = || cx.read_x(Index::var("i"));
            let scaled = alpha.at([Index::var("i")]).times(x());
            let value = Expr::select(cx.result.clone(), is_positive(cx), x(), scaled);
            Some(elementwise(cx, "prelu.", &[&alpha], Vec::new(), value))
        }
    }

    impl Emit for ThresholdedRelu {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let x = || cx.read_x(Index::var("i"));
            let theta = scalar(cx, Slot::Alpha);
            let above = x().compare(Comparison::Greater, theta);
            let value = Expr::select(cx.result.clone(), above, x(), Expr::whole(0));
            Some(elementwise(cx, &format!("relu above {}.", self.theta), &[], Vec::new(), value))
        }
    }

    impl Emit for Elu {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let format = cx.x().ty.format;
            let x = || Expr::element("x", format, [Index::var("i")]);
            if !format.signed {
                return Some(elementwise(cx, "elu of values that are never negative.", &[], Vec::new(), x()));
            }
            let table = cx.constant(Slot::Table, Storage::Rom, "exp(x) - 1 from 0 down to -8");
            let index = self.index(format);
            let position = table_position(x(), index, 3);
            let entry = table.at([Index::clamped(&Expr::var("position", position.format), index.size() - 1)]);
            let negative = scalar(cx, Slot::Alpha).times(entry);
            let at_least = x().compare(Comparison::AtLeast, Expr::whole(0));
            let value = Expr::select(cx.result.clone(), at_least, x(), negative);
            let before = vec![Stmt::bind("position", position.format.into(), position)];
            Some(elementwise(cx, "elu.", &[&table], before, value))
        }
    }
}
