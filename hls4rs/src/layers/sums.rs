//! Sums of products: the arithmetic of the layers that multiply with matrices.

use hls4rs_fixed::{Cast, Format, Overflow, Rounding};

use super::int::{Int, bits, most};
use super::rows::{Limited, Rounded, Short, any_modes, assign, assign_each, map, with_modes, zip};
use hls4rs_fixed::Number;

use super::{Constants, Values};

mod compressed;
#[cfg(feature = "backends")]
pub(crate) mod emission;

pub use compressed::CompressedKernel;

/// How the sum of products may be computed, all with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summation {
    /// No bit is lost between product and accumulator, and limits matter only at the end: one integer matrix product.
    Exact,
    /// The accumulator truncates products and wraps: products are shifted, limits matter only at the end.
    Truncated,
    /// Every product and every sum is cast, in order.
    EachCast,
}

/// The arithmetic of sums of products with its formats.
#[derive(Clone, Copy, Debug)]
pub struct SumsKernel {
    /// Outputs, the columns of the weights.
    pub n_out: usize,
    /// The step of the order of addition: `i` runs through `0, stride, 2·stride, …`, then `1, …`.
    pub stride: usize,
    /// Channels with sums of their own, whose products are dealt out together; else 1.
    pub channels: usize,
    /// How the sum is computed.
    pub summation: Summation,
    product: Cast,
    bias: Cast,
    sum: Cast,
    result: Cast,
    /// Whether the accumulator's limits are applied to the total.
    wraps: bool,
}

impl SumsKernel {
    /// Prepares a layer for input, weight, bias, accumulator and result formats.
    ///
    /// `bounds` is a format that holds every final sum, if it is known that the accumulator's limits change none.
    pub const fn new(
        n_out: usize,
        stride: usize,
        [x, weight, bias, accum, result]: [Format; 5],
        bounds: Option<Format>,
    ) -> Self {
        let product = Cast::new(x.product(weight), accum);
        let wraps = matches!(accum.overflow, Overflow::Wrap(0));
        let free = wraps || bounds.is_some();
        let summation = if free && !product.rounds() {
            Summation::Exact
        } else if free && matches!(accum.rounding, Rounding::Trn) {
            Summation::Truncated
        } else {
            Summation::EachCast
        };
        // Where every product is cast, so is every sum, and a narrower result is no use.
        let total = match (bounds, summation) {
            (Some(bounds), Summation::Exact | Summation::Truncated) => bounds,
            _ => accum,
        };
        // Where no limit changes a sum, none may change the bias alone: a negative one in an unsigned accumulator.
        let bias = match bounds {
            Some(_) => Cast::new(bias, unlimited(bias, accum)),
            None => Cast::new(bias, accum),
        };
        // A sum of two accumulators has one bit more.
        Self {
            n_out,
            stride,
            channels: 1,
            summation,
            product,
            bias,
            sum: Cast::new(accum.sum(accum), accum),
            result: Cast::new(total, result),
            wraps: bounds.is_none(),
        }
    }

    /// The same where the products of so many channels are dealt out in steps: `stride` counts in the list of products,
    /// tap by tap, in each the channels.
    pub const fn dealt(self, channels: usize) -> Self {
        Self { channels, ..self }
    }

    /// The kernel for the formats of types; for their container, which neither size nor order touch.
    pub(crate) const fn typed<X: Number, W: Number, B: Number, A: Number, R: Number>() -> Self {
        Self::new(1, 1, [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT], None)
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        // Sums are right modulo the width of the total.
        let total = most(self.result.container_bits(), self.bias.container_bits());
        match self.summation {
            Summation::Exact => total,
            Summation::Truncated => most(total, bits(self.product.src())),
            Summation::EachCast => {
                most(total, most(self.product.container_bits(), self.sum.container_bits()))
            }
        }
    }

    /// How many bits every product loses where limits matter only at the end; `None` where products and sums are cast
    /// one by one.
    pub const fn truncated(&self) -> Option<u32> {
        match self.summation {
            Summation::Exact => Some(0),
            Summation::Truncated => Some(self.product.right_shift()),
            Summation::EachCast => None,
        }
    }

    /// What turns sums of products into results.
    #[inline(always)]
    pub fn finish<C: Int>(&self) -> Finish {
        let accum = self.result.src();
        // The container's own low bits as a source: what the wrap keeps does not depend on the others.
        let width = if self.wraps { accum.width } else { C::BITS };
        let unit = Format::fixed(C::BITS, C::BITS as i32);
        let limit = Format { signed: accum.signed || !self.wraps, ..Format::fixed(width, width as i32) };
        let exact = matches!(self.summation, Summation::Exact);
        Finish {
            up: if exact { self.product.shift().unsigned_abs() } else { 0 },
            limit: Cast::new(unit, limit),
            result: self.result,
        }
    }

    /// The cast of the sum to the result.
    pub(crate) const fn result(&self) -> &Cast {
        &self.result
    }

    /// The bias in units of the accumulator.
    #[inline(always)]
    pub fn bias<C: Int>(&self, raw: i64) -> C {
        C::from_i64(raw).cast(&self.bias)
    }

    /// The outputs from `first` on, as many as there are in `y`, for `L` samples: the sums in register tiles of `J`
    /// outputs and `T` lanes.
    #[inline(always)]
    pub fn run<
        X: Widen<C>,
        C: Int,
        W: Weights<C> + ?Sized,
        const L: usize,
        const J: usize,
        const T: usize,
    >(
        &self,
        x: &(impl Inputs<X, L> + ?Sized),
        weight: &W,
        bias: &(impl Values + ?Sized),
        first: usize,
        y: &mut [[C; L]],
    ) {
        match self.summation {
            Summation::Exact => sums::<X, C, W, L, J, T, false>(x, weight, (self.n_out, first), 0, y),
            Summation::Truncated => {
                let shift = self.product.right_shift();
                sums::<X, C, W, L, J, T, true>(x, weight, (self.n_out, first), shift, y)
            }
            Summation::EachCast => return self.each(x, weight, bias, first, y),
        }
        let finish = self.finish::<C>();
        for (j, row) in y.iter_mut().enumerate() {
            *row = finish.row(row, self.bias(bias.at(first + j)));
        }
    }

    /// Casts every product and every sum.
    #[inline(always)]
    fn each<X: Widen<C>, C: Int, W: Weights<C> + ?Sized, const L: usize>(
        &self,
        x: &(impl Inputs<X, L> + ?Sized),
        weight: &W,
        bias: &(impl Values + ?Sized),
        first: usize,
        y: &mut [[C; L]],
    ) {
        for (j, out) in y.iter_mut().enumerate() {
            let j = first + j;
            let mut acc: [C; L] = [self.bias(bias.at(j)); L];
            let mut add = |i: usize| {
                // A zero, cast and added, changes nothing.
                if let Some(x) = x.at(i) {
                    self.add_product(&mut acc, x, weight.weight(i * self.n_out + j));
                }
            };
            if self.channels > 1 {
                self.dealt_out(x.count(), j, add);
            } else {
                (0..self.stride).for_each(|start| (start..x.count()).step_by(self.stride).for_each(&mut add));
            }
            assign(&self.result, &mut acc);
            *out = acc;
        }
    }

    /// Goes through the products of a channel step by step.
    #[inline(always)]
    fn dealt_out(&self, count: usize, channel: usize, mut add: impl FnMut(usize)) {
        let step = |i: usize| ((i * self.channels + channel) % self.stride, i);
        let mut last = None;
        for _ in 0..count {
            // A window has few taps.
            let next = (0..count).map(step).filter(|step| last.is_none_or(|last| *step > last)).min();
            if let Some((_, i)) = next {
                add(i);
            }
            last = next;
        }
    }

    /// One product for every lane, cast and added, the sum cast; modes are looked at once for the row.
    #[inline(always)]
    fn add_product<X: Widen<C>, C: Int, const L: usize>(&self, acc: &mut [C; L], x: &[X; L], weight: C) {
        let Self { product, sum, .. } = self;
        macro_rules! row {
            ($v:ident => $product:expr, $s:ident => $sum:expr) => {
                for l in 0..L {
                    let $v = x[l].widen().times(weight);
                    let $s = acc[l].plus($product);
                    acc[l] = $sum;
                }
            };
        }
        if L == 1 || C::BITS > 64 {
            return row!(v => v.cast(product), s => s.cast(sum));
        }
        match (Rounded::of(product), Limited::<C>::of(product)) {
            (Some(Rounded::Up(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.up(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Floor(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.down(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Nearest(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.nearest(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Even(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.nearest_even(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Nearest(n)), Some(Limited::Wrap(k))) => {
                row!(v => v.nearest(n), s => s.up(k).down(k));
            }
            _ => {
                let products = map(x, |x| x.widen().times(weight));
                *acc = any_modes(sum, &zip(any_modes(product, &products), acc, C::plus));
            }
        }
    }
}

/// The unit and the rounding of `accum`, with room for every value of `bias`.
const fn unlimited(bias: Format, accum: Format) -> Format {
    let frac_bits = accum.frac_bits();
    let finer = if frac_bits > bias.frac_bits() { (frac_bits - bias.frac_bits()).unsigned_abs() } else { 0 };
    let width = bias.container_bits() + finer + 1;
    Format::fixed(width, width as i32 - frac_bits).with_rounding(accum.rounding)
}

/// Turns sums of products into results: adds the bias, applies the accumulator's limits, casts.
#[derive(Clone, Copy, Debug)]
pub struct Finish {
    up: u32,
    limit: Cast,
    result: Cast,
}

impl Finish {
    /// The results of one output.
    #[inline(always)]
    pub fn row<C: Int, const L: usize>(&self, sums: &[C; L], bias: C) -> [C; L] {
        let up = self.up;
        match Limited::<C>::of(&self.limit) {
            Some(Limited::Wrap(k)) => {
                assign_each!(C, L, &self.result, l => sums[l].up(up).plus(bias).up(k).down(k))
            }
            _ => {
                let totals = assign_each!(C, L, &self.limit, l => sums[l].up(up).plus(bias));
                assign_each!(C, L, &self.result, l => totals[l])
            }
        }
    }

    /// The results of several outputs with sums of 32 bits, in one pass.
    #[inline(always)]
    pub fn rows<'a, Y: Short, const L: usize>(
        &self,
        sums: impl Iterator<Item = &'a [i32; L]>,
        bias: &[i32],
        y: impl Iterator<Item = &'a mut [Y; L]>,
    ) {
        let up = self.up;
        let Some(Limited::Wrap(k)) = Limited::<i32>::of(&self.limit) else {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                let row = self.row(sums, *bias);
                for l in 0..L {
                    y[l] = Y::narrow(row[l]);
                }
            }
            return;
        };
        with_modes!(i32, &self.result, assigned => {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                for l in 0..L {
                    y[l] = Y::narrow(assigned!(sums[l].up(up).plus(*bias).up(k).down(k)));
                }
            }
        }, _ => {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                let row = any_modes(&self.result, &map(sums, |sum| sum.up(up).plus(*bias).up(k).down(k)));
                for l in 0..L {
                    y[l] = Y::narrow(row[l]);
                }
            }
        });
    }
}

/// An input value that widens to the integers of the sum.
pub trait Widen<C>: Copy {
    /// The value.
    fn widen(self) -> C;
}

impl<C: Int> Widen<C> for C {
    #[inline(always)]
    fn widen(self) -> C {
        self
    }
}

impl Widen<i32> for i16 {
    #[inline(always)]
    fn widen(self) -> i32 {
        i32::from(self)
    }
}

/// The inputs of a sum.
pub trait Inputs<X, const L: usize> {
    /// How many there are.
    fn count(&self) -> usize;
    /// The input at a position; `None` if it is zero because it lies in the padding.
    fn at(&self, i: usize) -> Option<&[X; L]>;
}

impl<X, const L: usize> Inputs<X, L> for [[X; L]] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn at(&self, i: usize) -> Option<&[X; L]> {
        Some(&self[i])
    }
}

/// Weights in the integers of the sum.
pub trait Weights<C> {
    /// The weight at a position.
    fn weight(&self, at: usize) -> C;
}

impl<C: Int> Weights<C> for [i64] {
    #[inline(always)]
    fn weight(&self, at: usize) -> C {
        C::from_i64(self[at])
    }
}

impl<C: Int, T: Number, const N: usize> Weights<C> for Constants<T, N> {
    #[inline(always)]
    fn weight(&self, at: usize) -> C {
        C::from_i64(Values::at(self, at))
    }
}

/// Sums of products, outputs in tiles of `J`, lanes in tiles of `T`.
#[inline(always)]
fn sums<
    X: Widen<C>,
    C: Int,
    W: Weights<C> + ?Sized,
    const L: usize,
    const J: usize,
    const T: usize,
    const SHIFT: bool,
>(
    x: &(impl Inputs<X, L> + ?Sized),
    weight: &W,
    columns: (usize, usize),
    shift: u32,
    y: &mut [[C; L]],
) {
    for lane in (0..L).step_by(T) {
        let mut j = 0;
        while j + J <= y.len() {
            tile::<X, C, W, L, J, T, SHIFT>(x, weight, columns, (j, lane), shift, y);
            j += J;
        }
        while j < y.len() {
            tile::<X, C, W, L, 1, T, SHIFT>(x, weight, columns, (j, lane), shift, y);
            j += 1;
        }
    }
}

#[inline(always)]
fn tile<
    X: Widen<C>,
    C: Int,
    W: Weights<C> + ?Sized,
    const L: usize,
    const J: usize,
    const T: usize,
    const SHIFT: bool,
>(
    x: &(impl Inputs<X, L> + ?Sized),
    weight: &W,
    (n_out, first): (usize, usize),
    (j, lane): (usize, usize),
    shift: u32,
    y: &mut [[C; L]],
) {
    let mut acc = [[C::default(); T]; J];
    for i in 0..x.count() {
        let Some(x) = x.at(i) else { continue };
        let x = &x[lane..lane + T];
        for (jj, acc) in acc.iter_mut().enumerate() {
            let w = weight.weight(i * n_out + first + j + jj);
            for l in 0..T {
                let product = x[l].widen().times(w);
                // The cast of a truncating accumulator; its limits are applied to the sum.
                acc[l] = acc[l].plus(if SHIFT { product.down(shift) } else { product });
            }
        }
    }
    for (acc, y) in acc.iter().zip(&mut y[j..j + J]) {
        y[lane..lane + T].copy_from_slice(acc);
    }
}
