//! The rule of the implementation that sums over pairwise differences.

use hls4rs_fixed::{Format, Wide, from_f64};

use super::{Softmax, Values};
use crate::constants::raw_values;
use crate::range::{Interval, Ranges};
use crate::resolve::{Accumulation, NodeCx, wraps};
use crate::tables::{Reach, Extremes, legacy_exponential, legacy_reciprocal, reached};
use crate::{RawTensor, Shape, Slot};

pub(super) fn resolve(softmax: &Softmax, cx: &mut NodeCx<'_>, x: &Ranges, n: usize) -> Option<Values> {
    let input = cx.input(0).result();
    cx.exact(0, Softmax::difference(input))?;
    let format = cx.settle(Slot::Table, Format::fixed(18, 8));
    if !cx.storable(Slot::Table, format) {
        return None;
    }
    let exp_index = softmax.legacy_exp_index(input);
    let inv_index = softmax.legacy_inv_index(format);

    // Every difference to an element lies within the row's limits less that element.
    let others = |row: &[Interval]| {
        let hull = row.iter().copied().reduce(Interval::hull).expect("a row has an element");
        row.iter().map(|&e| exp_index.reach(hull.difference(e))).collect::<Vec<_>>()
    };
    let stretches: Vec<_> = x.elements.chunks(n).flat_map(others).collect();
    let exp = store(cx, Slot::ExpTable, format, legacy_exponential(exp_index.size()), &stretches);
    let extremes = Extremes::new(&exp.raw);
    let one = Interval::point(from_f64(1.0, format));
    let count = Wide::from_i64(n as i64 - 1);
    let acc = |&stretch: &(usize, usize)| {
        let terms = if n == 1 { one } else { extremes.between(stretch) };
        (terms.scaled(count).sum(one), terms)
    };
    let totals: Vec<_> = stretches.iter().map(acc).collect();
    let total =
        Ranges { frac_bits: format.frac_bits(), elements: totals.iter().map(|(total, _)| *total).collect() };
    let settled = cx.settle_cast_to(Slot::Table, format, &total);
    let zero = Interval::point(Wide::ZERO);
    let partial = totals.iter().fold(one.hull(zero), |hull, (total, terms)| hull.hull(*total).hull(terms.scaled(count).hull(zero)));
    let sums = if wraps(format) || partial.fits(format) {
        settled
    } else {
        total.map(total.frac_bits, |_| Interval::of_format(format))
    };

    let stretches: Vec<_> = sums.elements.iter().map(|&e| inv_index.reach(e)).collect();
    let inv = store(cx, Slot::InvTable, format, legacy_reciprocal(inv_index.size()), &stretches);
    let extremes = Extremes::new(&inv.raw);
    let elements = stretches.iter().map(|&stretch| extremes.between(stretch)).collect();
    let accumulation = Accumulation { partial, total: total.hull(), product: partial, exact: true };
    Some((Ranges { frac_bits: format.frac_bits(), elements }, Some(accumulation)))
}

/// Stores a table in the one format of the layer; the slot of the table has no format of its own.
fn store(
    cx: &mut NodeCx<'_>,
    slot: Slot,
    format: Format,
    values: Vec<f64>,
    stretches: &[(usize, usize)],
) -> RawTensor {
    let reach = reached(values.len(), stretches.iter().copied());
    cx.check_fit(Slot::Table, format, &values, &|i| reach[i]);
    let shape = Shape::new(&[values.len()]).expect("the size of a table was checked");
    let table = RawTensor { shape, format, raw: raw_values(&values, format) };
    cx.constants.set(slot, table.clone());
    table
}
