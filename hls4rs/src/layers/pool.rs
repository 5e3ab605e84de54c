//! Pooling: the largest value or the mean under a window, or of all positions.
//!
//! ```
//! hls4rs::network! {
//!     struct Gate;
//!     input x: [2, 2, 2] as Fixed<8, 4>;
//!     let gate = hard_sigmoid(global_avg_pool(x) { keepdims: true }, 0.25, 0.5);
//!     output y = multiply(x, gate);
//! }
//!
//! let x = [1.0, -2.0, 0.5, -2.0, 1.5, -2.0, 1.0, -2.0].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! let y = Gate::new().predict(&x);
//! // The means are 1 and -2: the first channel is multiplied by 0.25 · 1 + 0.5, the second by 0.
//! assert_eq!(y.map(|y| y.to_num::<f64>()), [0.75, 0.0, 0.375, 0.0, 1.125, 0.0, 0.75, 0.0]);
//! ```

use hls4rs_fixed::window::{Order, Window, tree_split};
use hls4rs_fixed::{Cast, Format, Number};

use super::int::{Int, bits, most};
use super::rows::{assigned, map, zip};
use super::{Accum, collect, raw, with_container};

/// The arithmetic of pooling for one element of the result.
pub trait PoolKernel {
    /// The width of the integers that this takes.
    fn container_bits(&self) -> u32;

    /// Element `at` of the result, row major, from the elements of the input.
    fn element<C: Int, const L: usize>(&self, at: usize, x: impl Fn(usize) -> [C; L]) -> [C; L];
}

/// Windows over positions that have channels.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// The geometry of the positions.
    pub window: Window,
    /// The number of channels.
    pub channels: usize,
}

impl Windows {
    /// The elements of the input under the window of element `at` of the result, row by row.
    #[inline(always)]
    pub fn under(&self, at: usize) -> impl Iterator<Item = usize> {
        let Self { window, channels } = *self;
        let (output, channel) = (at / channels, at % channels);
        (0..window.taps()).filter_map(move |tap| Some(window.position(output, tap)? * channels + channel))
    }
}

/// The largest value.
#[derive(Clone, Copy, Debug)]
pub struct MaxKernel {
    windows: Windows,
    /// Before the search, in streams.
    first: Option<Cast>,
    /// After it.
    accum: Cast,
    result: Cast,
}

impl MaxKernel {
    /// Prepares the layer for its input, accumulator and result formats.
    pub const fn new(windows: Windows, order: Order, [x, accum, result]: [Format; 3]) -> Self {
        let cast = Cast::new(x, accum);
        let first = match order {
            Order::Direct => None,
            Order::Running | Order::Tree => Some(cast),
        };
        Self { windows, first, accum: cast, result: Cast::new(accum, result) }
    }
}

impl PoolKernel for MaxKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(most(self.accum.container_bits(), self.result.container_bits()), bits(self.accum.src()))
    }

    #[inline(always)]
    fn element<C: Int, const L: usize>(&self, at: usize, x: impl Fn(usize) -> [C; L]) -> [C; L] {
        let value = |at| match &self.first {
            Some(cast) => assigned(cast, x(at)),
            None => x(at),
        };
        let mut under = self.windows.under(at).map(value);
        let mut y = under.next().unwrap_or([C::default(); L]);
        for x in under {
            y = zip(y, &x, C::max);
        }
        let y = if self.first.is_some() { y } else { assigned(&self.accum, y) };
        assigned(&self.result, y)
    }
}

/// The mean.
#[derive(Clone, Copy, Debug)]
pub struct MeanKernel {
    windows: Windows,
    count_pad: bool,
    order: Order,
    sum: SumKernel,
    result: Cast,
}

impl MeanKernel {
    /// Prepares the layer for its input, accumulator and result formats; `bounded` if no sum of values can leave the
    /// accumulator and no value loses a bit in it.
    pub const fn new(
        windows: Windows,
        count_pad: bool,
        order: Order,
        [x, accum, result]: [Format; 3],
        bounded: bool,
    ) -> Self {
        let sum = SumKernel::new(x, accum, bounded);
        Self { windows, count_pad, order, sum, result: Cast::new(accum, result) }
    }
}

impl PoolKernel for MeanKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(self.sum.container_bits(), self.result.container_bits())
    }

    #[inline(always)]
    fn element<C: Int, const L: usize>(&self, at: usize, x: impl Fn(usize) -> [C; L]) -> [C; L] {
        let divisor = self.windows.window.divisor(at / self.windows.channels, self.count_pad);
        let sum = match self.order {
            Order::Direct => return self.mean(self.windows.under(at).map(x), divisor),
            Order::Running => {
                let cast = self.windows.under(at).map(|at| self.sum.term(x(at)));
                cast.fold([C::default(); L], |y, x| self.sum.join(y, x))
            }
            Order::Tree => self.tree(at, 0, self.windows.window.taps(), &x),
        };
        assigned(&self.result, quotients(sum, divisor))
    }
}

impl MeanKernel {
    /// Values that are added one after the other, divided by a count of at least 1.
    #[inline(always)]
    pub fn mean<C: Int, const L: usize>(
        &self,
        values: impl Iterator<Item = [C; L]>,
        divisor: usize,
    ) -> [C; L] {
        let sum = values.fold([C::default(); L], |y, x| self.sum.add(y, x));
        assigned(&self.result, quotients(sum, divisor))
    }

    /// The sum of the taps from `from`, `n` of them; padding is zero.
    fn tree<C: Int, const L: usize>(
        &self,
        at: usize,
        from: usize,
        n: usize,
        x: &impl Fn(usize) -> [C; L],
    ) -> [C; L] {
        if n > 1 {
            let left = tree_split(n);
            let rest = self.tree(at, from + left, n - left, x);
            return self.sum.join(self.tree(at, from, left, x), rest);
        }
        let Windows { window, channels } = self.windows;
        match window.position(at / channels, from) {
            Some(position) => self.sum.term(x(position * channels + at % channels)),
            None => [C::default(); L],
        }
    }
}

/// Values divided by a count, truncated toward zero.
#[inline(always)]
fn quotients<C: Int, const L: usize>(sum: [C; L], divisor: usize) -> [C; L] {
    if !divisor.is_power_of_two() {
        let divisor = divisor as u64;
        return map(&sum, |sum| sum.quotient(divisor));
    }
    // A shift rounds down; what a negative value lacks to the next multiple makes it round up.
    let bits = divisor.ilog2();
    let rest = C::from_i64(divisor as i64 - 1);
    map(&sum, |sum| sum.plus(sum.down(C::BITS - 1).and(rest)).down(bits))
}

/// A sum that is cast to the accumulator at every addition.
#[derive(Clone, Copy, Debug)]
pub struct SumKernel {
    term: Cast,
    /// Of an accumulator and a value that was not cast.
    mixed: Cast,
    sum_up: u32,
    term_up: u32,
    /// Of two accumulators.
    both: Cast,
    bounded: bool,
}

impl SumKernel {
    /// Prepares sums of terms of a format; `bounded` if no cast changes a value.
    pub const fn new(term: Format, accum: Format, bounded: bool) -> Self {
        let (term_bits, accum_bits) = (term.frac_bits(), accum.frac_bits());
        let common = if term_bits > accum_bits { term_bits } else { accum_bits };
        Self {
            term: Cast::new(term, accum),
            mixed: Cast::new(accum.sum(term), accum),
            sum_up: (common - accum_bits).unsigned_abs(),
            term_up: (common - term_bits).unsigned_abs(),
            both: Cast::new(accum.sum(accum), accum),
            bounded,
        }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub const fn container_bits(&self) -> u32 {
        let casts = most(self.mixed.container_bits(), self.both.container_bits());
        most(casts, self.term.container_bits())
    }

    /// A term in the accumulator's format.
    #[inline(always)]
    pub fn term<C: Int, const L: usize>(&self, x: [C; L]) -> [C; L] {
        if self.bounded { map(&x, |x| x.up(self.term_up)) } else { assigned(&self.term, x) }
    }

    /// A sum and a term of its own format.
    #[inline(always)]
    pub fn add<C: Int, const L: usize>(&self, sum: [C; L], x: [C; L]) -> [C; L] {
        let x = map(&x, |x| x.up(self.term_up));
        if self.bounded {
            return zip(sum, &x, C::plus);
        }
        let sum = map(&sum, |sum| sum.up(self.sum_up));
        assigned(&self.mixed, zip(sum, &x, C::plus))
    }

    /// Two sums.
    #[inline(always)]
    pub fn join<C: Int, const L: usize>(&self, a: [C; L], b: [C; L]) -> [C; L] {
        let exact = zip(a, &b, C::plus);
        if self.bounded { exact } else { assigned(&self.both, exact) }
    }
}

#[inline(always)]
fn apply<X: Number, R: Number, const N: usize, const M: usize>(
    kernel: &impl PoolKernel,
    x: &[X; N],
) -> [R; M] {
    with_container!(kernel.container_bits(), C => {
        let rows: [[C; 1]; M] = core::array::from_fn(|i| kernel.element(i, |at| [raw::<C, X>(x[at])]));
        collect(&rows)
    })
}

/// The largest value under every window.
#[inline]
pub fn max_pool<X: Number, A: Number, R: Number, const N: usize, const M: usize>(
    x: &[X; N],
    _: Accum<A>,
    window: &Window,
    order: Order,
) -> [R; M] {
    let windows = Windows { window: *window, channels: M / window.outputs() };
    apply(&MaxKernel::new(windows, order, [X::FORMAT, A::FORMAT, R::FORMAT]), x)
}

/// The mean under every window; padding counts with `count_pad`.
#[inline]
pub fn avg_pool<X: Number, A: Number, R: Number, const N: usize, const M: usize>(
    x: &[X; N],
    _: Accum<A>,
    window: &Window,
    count_pad: bool,
    order: Order,
) -> [R; M] {
    let windows = Windows { window: *window, channels: M / window.outputs() };
    apply(&MeanKernel::new(windows, count_pad, order, [X::FORMAT, A::FORMAT, R::FORMAT], false), x)
}

#[cfg(feature = "backends")]
mod emission;
#[cfg(feature = "backends")]
mod stream;
