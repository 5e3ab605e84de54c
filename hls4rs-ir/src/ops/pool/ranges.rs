//! What the results of pooling can be.

use hls4rs_fixed::window::{Order, Window};

use super::PoolOp;
use crate::ops::running::{RunningSums, divisible};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::Slot;

/// Pooling with all that its rule needs to know.
pub(in crate::ops) struct Pooling {
    pub(in crate::ops) op: PoolOp,
    pub(in crate::ops) window: Window,
    pub(in crate::ops) count_pad: bool,
    pub(in crate::ops) order: Order,
}

impl Pooling {
    pub(in crate::ops) fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        match self.op {
            PoolOp::Max => Some(self.largest(cx).into()),
            PoolOp::Average => self.mean(cx),
        }
    }

    fn largest(&self, cx: &mut NodeCx<'_>) -> Ranges {
        let x = cx.input(0);
        let channels = cx.input_shape(0).channels();
        let greatest = |x: &Ranges| {
            let join = |a: Interval, b: Interval| Interval { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi) };
            let each = self.windows(x, channels).into_iter().map(|values| {
                values.into_iter().reduce(join).expect("every window reaches the input")
            });
            Ranges { frac_bits: x.frac_bits, elements: each.collect() }
        };
        let values = match self.order {
            Order::Direct => cx.settle_cast(Slot::Accum, &greatest(&x.range)),
            Order::Running | Order::Tree => greatest(&cx.settle_cast(Slot::Accum, &x.range)),
        };
        cx.settle_result(&values)
    }

    fn mean(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let channels = cx.input_shape(0).channels();
        let terms = self.windows(&x.range, channels);
        let sums =
            RunningSums { order: self.order, frac_bits: x.range.frac_bits, format: x.range.format(), terms };
        let outputs = 0..self.window.outputs();
        let divisors: Vec<_> = outputs.map(|output| self.window.divisor(output, self.count_pad)).collect();
        let greatest = divisors.iter().copied().max().expect("there is a window");
        let finer = greatest.next_power_of_two().ilog2();
        let exact = sums.exact();
        let finest = exact.frac_bits + finer as i32;
        let auto = exact.map(finest, |e| e.finer(finer)).format();
        let (totals, accumulation) = sums.settle(cx, auto)?;
        divisible(cx, greatest)?;
        let divisors = divisors.iter().flat_map(|&n| core::iter::repeat_n(n as u64, channels));
        let elements = totals.elements.iter().zip(divisors).map(|(sum, n)| sum.map(|raw| raw.quotient(n)));
        let range = cx.settle_result(&Ranges { frac_bits: totals.frac_bits, elements: elements.collect() });
        Some(Done { range, accumulation: Some(accumulation) })
    }

    /// For every element of the result what is under its window.
    fn windows(&self, x: &Ranges, channels: usize) -> Vec<Vec<Interval>> {
        let under = |output: usize, channel: usize| {
            let positions = (0..self.window.taps()).filter_map(move |tap| self.window.position(output, tap));
            positions.map(|position| x.elements[position * channels + channel]).collect()
        };
        (0..self.window.outputs())
            .flat_map(|output| (0..channels).map(move |channel| under(output, channel)))
            .collect()
    }
}
