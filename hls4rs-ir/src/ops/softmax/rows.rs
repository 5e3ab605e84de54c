//! The rule of the implementations that divide by a sum: `stable` and `latency`.

use hls4rs_fixed::{Format, Wide};

use super::{Implementation, Softmax, Values, nearest};
use crate::constants::rounded_format;
use crate::fault::Problem;
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Accumulation, NodeCx, limited};
use crate::tables::{BitIndex, Extremes, exponential, Reach, reached, reciprocal};
use crate::{Place, Slot};

pub(super) fn resolve(softmax: &Softmax, cx: &mut NodeCx<'_>, x: &Ranges, n: usize) -> Option<Values> {
    let stable = softmax.implementation == Implementation::Stable;
    let address = if stable { distances(softmax, cx, x, n)? } else { x.clone() };
    let format = if stable { cx.formats.get(Slot::InputNorm).copied()? } else { cx.input(0).result() };
    let (index, exp) = exponentials(softmax, cx, &address, format)?;
    let exp_format = cx.stored(Slot::ExpTable).format;
    // In a stable softmax the largest element of a row is at distance zero.
    let top = stable.then(|| Wide::from_i64(cx.stored(Slot::ExpTable).raw[index.wide(Wide::ZERO)]));
    let (exp, sums, accumulation) = sum(cx, &exp, exp_format, top, n);
    let inverse = inverses(softmax, cx, &sums)?;
    let accum = *cx.formats.get(Slot::Accum)?;
    let product = cx.exact(0, Softmax::product(accum, cx.stored(Slot::InvTable).format))?;
    let factors = inverse.iter().flat_map(|r| core::iter::repeat_n(*r, n));
    let elements: Vec<_> = exp.elements.iter().zip(factors).map(|(e, r)| e.product(r)).collect();
    Some((Ranges { frac_bits: product.frac_bits(), elements }, Some(accumulation)))
}

/// The distances of all elements to the largest of their row, in `input_norm`.
fn distances(softmax: &Softmax, cx: &mut NodeCx<'_>, x: &Ranges, n: usize) -> Option<Ranges> {
    cx.exact(0, Softmax::difference(cx.input(0).result()))?;
    let elements: Vec<_> = x.elements.chunks(n).flat_map(spread).collect();
    let spread = Ranges { frac_bits: x.frac_bits, elements };
    let largest = Format::holding(Wide::ZERO, spread.hull().hi, spread.frac_bits);
    let int_bits = largest.int_bits.min(4);
    let bits = |size: usize| size.ilog2() as i32;
    let width = match softmax.exp_table_size {
        Some(size) => bits(size),
        None => int_bits.saturating_add(spread.frac_bits).clamp(1, bits(softmax.table_size)),
    };
    let auto = nearest(Format::ufixed(width.unsigned_abs(), int_bits));
    Some(cx.settle_cast_to(Slot::InputNorm, auto, &spread))
}

/// What the distance to the largest element can be for each element of a row.
fn spread(row: &[Interval]) -> Vec<Interval> {
    let (hi, lo) = (largest_of_others(row, |e| e.hi), largest_of_others(row, |e| e.lo));
    let distance = |(e, (hi, lo)): (&Interval, (Option<Wide>, Option<Wide>))| Interval {
        lo: lo.map_or(Wide::ZERO, |lo| (lo - e.hi).max(Wide::ZERO)),
        hi: hi.map_or(Wide::ZERO, |hi| (hi - e.lo).max(Wide::ZERO)),
    };
    row.iter().zip(hi.into_iter().zip(lo)).map(distance).collect()
}

/// For each element of a row the largest end among the others.
fn largest_of_others(row: &[Interval], end: impl Fn(&Interval) -> Wide) -> Vec<Option<Wide>> {
    let first = (0..row.len()).max_by_key(|&i| end(&row[i])).expect("a row has an element");
    let second = (0..row.len()).filter(|&i| i != first).map(|i| end(&row[i])).max();
    (0..row.len()).map(|i| if i == first { second } else { Some(end(&row[first])) }).collect()
}

/// Makes a table's index, or says that the table is too large for its addresses.
fn bit_index(cx: &mut NodeCx<'_>, name: &'static str, format: Format, size: usize) -> Option<BitIndex> {
    let index = BitIndex::new(format, size);
    if index.is_none() {
        let (layer, found) = (cx.node().name.clone(), size.to_string());
        let expected = format!("2^{} entries at most, for addresses of {format}", format.width);
        cx.fault(Place::Attr(name), Problem::Attribute { layer, attr: name, expected, found });
    }
    index
}

/// The size of a table: the one asked for, or else what the address can reach.
fn size(own: Option<usize>, table_size: usize, address: Format) -> usize {
    own.unwrap_or_else(|| table_size.min(1 << address.width.min(30)))
}

fn exponentials(
    softmax: &Softmax,
    cx: &mut NodeCx<'_>,
    address: &Ranges,
    format: Format,
) -> Option<(BitIndex, Ranges)> {
    let stable = softmax.implementation == Implementation::Stable;
    let index = bit_index(cx, "exp_table_size", format, size(softmax.exp_table_size, softmax.table_size, format))?;
    let values = exponential(index, softmax.exp_scale, stable);
    let reach = reached(index.size(), address.elements.iter().flat_map(|&e| index.reach(e)));
    let met = values.iter().zip(&reach).filter(|(_, reached)| **reached).map(|(v, _)| *v);
    let auto = if stable {
        rounded_format(met, 18, 18)
    } else {
        let int_bits = rounded_format(met, 18, 12).int_bits;
        nearest(Format::ufixed((int_bits + 12).unsigned_abs().max(1), int_bits))
    };
    let table = cx.store_table(Slot::ExpTable, auto, values, &|i| reach[i])?;
    let frac_bits = table.format.frac_bits();
    let extremes = Extremes::new(&table.raw);
    let read = |e| index.reach(e).into_iter().map(|r| extremes.between(r)).reduce(Interval::hull);
    let exp = address.map(frac_bits, |e| read(e).expect("an interval reaches an entry"));
    Some((index, exp))
}

/// Exponentials in `accum`, and the sum of each row; with `top`, at least one element of a row is just that.
fn sum(
    cx: &mut NodeCx<'_>,
    exp: &Ranges,
    exp_format: Format,
    top: Option<Wide>,
    n: usize,
) -> (Ranges, Ranges, Accumulation) {
    let rows = |exp: &Ranges, top: Option<Wide>| {
        let row = |row: &[Interval]| {
            let all = row.iter().copied().fold(Interval::point(Wide::ZERO), Interval::sum);
            // Whichever element is at the top, the others sum to at least the rest.
            let least = top.and_then(|top| Some(all.lo - row.iter().map(|e| e.lo).max()? + top));
            Interval { lo: least.map_or(all.lo, |least| least.max(all.lo).min(all.hi)), hi: all.hi }
        };
        Ranges { frac_bits: exp.frac_bits, elements: exp.elements.chunks(n).map(row).collect() }
    };
    let auto = rows(exp, top).format();
    let accum = cx.settle(Slot::Accum, auto);
    let rounded = exp.map(accum.frac_bits(), |e| quantized(e, exp.frac_bits, accum));
    let top = top.map(|top| quantized(Interval::point(top), exp.frac_bits, accum).lo);
    let total = rows(&rounded, top);
    let settled = cx.settle_cast_to(Slot::Accum, accum, &total);
    let zero = Interval::point(Wide::ZERO);
    let partial = total.hull().hull(zero).hull(rounded.hull());
    let terms_are_positive = !rounded.hull().lo.is_negative();
    let sums = if terms_are_positive || partial.fits(accum) {
        settled
    } else {
        total.map(total.frac_bits, |_| Interval::of_format(accum))
    };
    let exact = accum.frac_bits() >= exp_format.frac_bits();
    let accumulation = Accumulation { partial, total: total.hull(), product: rounded.hull(), exact };
    (limited(&rounded, accum), sums, accumulation)
}

/// The reciprocals of the rows' sums.
fn inverses(softmax: &Softmax, cx: &mut NodeCx<'_>, sums: &Ranges) -> Option<Vec<Interval>> {
    let hull = sums.hull();
    let int_bits = Format::holding(Wide::ZERO, hull.hi.max(Wide::ZERO), sums.frac_bits).int_bits;
    let width = softmax.inv_table_size.unwrap_or(softmax.table_size).ilog2();
    let auto = nearest(Format::ufixed(width, int_bits));
    let address = cx.settle_cast_to(Slot::InvInput, auto, sums);
    let format = *cx.formats.get(Slot::InvInput)?;
    let index = bit_index(cx, "inv_table_size", format, size(softmax.inv_table_size, softmax.table_size, format))?;
    let values = reciprocal(index);
    let reach = reached(index.size(), address.elements.iter().flat_map(|&e| index.reach(e)));
    let met = values.iter().zip(&reach).filter(|(_, reached)| **reached).map(|(v, _)| *v);
    let auto = rounded_format(met, 18, 8);
    let table = cx.store_table(Slot::InvTable, auto, values, &|i| reach[i])?;
    let extremes = Extremes::new(&table.raw);
    let read = |e: &Interval| index.reach(*e).into_iter().map(|r| extremes.between(r)).reduce(Interval::hull);
    address.elements.iter().map(read).collect()
}
