//! What sums of values that differ from sample to sample can be.

use hls4rs_fixed::window::Order;
use hls4rs_fixed::{Format, Overflow, Rounding, Wide};

use crate::fault::Problem;
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Accumulation, NodeCx};
use crate::{Place, Slot};

/// Sums of terms of one format, one list of terms for each.
pub(super) struct RunningSums {
    pub(super) order: Order,
    /// The unit of the terms.
    pub(super) frac_bits: i32,
    /// The format of the terms.
    pub(super) format: Format,
    pub(super) terms: Vec<Vec<Interval>>,
}

impl RunningSums {
    /// The exact sums.
    pub(super) fn exact(&self) -> Ranges {
        let zero = Interval::point(Wide::ZERO);
        let sum = |terms: &Vec<Interval>| terms.iter().copied().fold(zero, Interval::sum);
        Ranges { frac_bits: self.frac_bits, elements: self.terms.iter().map(sum).collect() }
    }

    /// Settles the accumulator, which is `auto` unless another one was asked for, and gives the sums in it.
    pub(super) fn settle(&self, cx: &mut NodeCx<'_>, auto: Format) -> Option<(Ranges, Accumulation)> {
        let accum = cx.settle(Slot::Accum, auto);
        cx.exact(0, accum.sum(self.format))?;
        let exact = accum.frac_bits() >= self.frac_bits;
        let elements = self.terms.iter().map(|terms| self.total(terms, accum)).collect();
        let totals = Ranges { frac_bits: accum.frac_bits(), elements };
        let partial = self.terms.iter().map(|terms| self.partial(terms, accum)).reduce(Interval::hull);
        let partial = partial.expect("a layer has an element").hull(Interval::point(Wide::ZERO));
        let settled = cx.settle_cast_to(Slot::Accum, accum, &totals);
        // A wrap on the way does no harm where additions commute with it.
        let modular = accum.overflow == Overflow::Wrap(0)
            && (exact
                || self.order != Order::Direct
                || matches!(accum.rounding, Rounding::Trn | Rounding::Rnd | Rounding::RndMinInf));
        let sums = if partial.fits(accum) || modular {
            settled
        } else {
            totals.map(totals.frac_bits, |_| Interval::of_format(accum))
        };
        let product = self.terms.iter().flatten().copied().reduce(Interval::hull);
        let product = quantized(product.expect("a sum has a term"), self.frac_bits, accum);
        Some((sums, Accumulation { partial, total: totals.hull(), product, exact }))
    }

    /// A sum in units of `accum`, without its limits.
    fn total(&self, terms: &[Interval], accum: Format) -> Interval {
        let zero = Interval::point(Wide::ZERO);
        if self.order != Order::Direct {
            let cast = |sum: Interval, term: &Interval| sum.sum(quantized(*term, self.frac_bits, accum));
            return terms.iter().fold(zero, cast);
        }
        let common = self.frac_bits.max(accum.frac_bits());
        let finer = |e: Interval, frac_bits: i32| e.finer((common - frac_bits).unsigned_abs());
        terms.iter().fold(zero, |sum, term| {
            let exact = finer(sum, accum.frac_bits()).sum(finer(*term, self.frac_bits));
            quantized(exact, common, accum)
        })
    }

    /// What a part of the terms can sum to, in any order and however it is rounded.
    fn partial(&self, terms: &[Interval], accum: Format) -> Interval {
        let down = accum.with_rounding(Rounding::Trn);
        let floor = |raw: Wide| quantized(Interval::point(raw), self.frac_bits, down).lo;
        let part = |sum: Interval, term: &Interval| Interval {
            lo: sum.lo + floor(term.lo).min(Wide::ZERO),
            hi: sum.hi + (-floor(-term.hi)).max(Wide::ZERO),
        };
        terms.iter().fold(Interval::point(Wide::ZERO), part)
    }
}

/// Whether values of the accumulator can be divided here: a quotient is a product with a reciprocal that has as many
/// bits again.
pub(super) fn divisible(cx: &mut NodeCx<'_>, divisor: usize) -> Option<()> {
    let accum = *cx.formats.get(Slot::Accum)?;
    let most = (Format::MAX_WIDTH - divisor.ilog2() - 4) / 2;
    if accum.width <= most {
        return Some(());
    }
    let reason =
        format!("sums of {} bits are too wide to be divided, at most {most} are possible", accum.width);
    let problem = Problem::Format { layer: cx.node().name.clone(), slot: Slot::Accum, reason };
    cx.fault(Place::Precision(Slot::Accum), problem);
    None
}
