//! Graph layers.

use hls4rs_fixed::{Format, Overflow, Rounding, Wide};
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{Collapse, Garnet};

use super::data::Around;
use super::{Value, at};

/// A value divided by a power of two, floored, in the same format.
fn shifted(value: Value, bits: u32) -> Value {
    let plain = Format { rounding: Rounding::Trn, overflow: Overflow::Wrap(0), ..value.format };
    let finer = Format { width: value.format.width, int_bits: value.format.int_bits - bits as i32, ..plain };
    Value { raw: value.raw, format: finer }.cast(plain)
}

pub(super) fn garnet(op: &Garnet, cx: &Around<'_>, x: &[Value], count: Value) -> Vec<Value> {
    let facts = cx.facts;
    let (vertices, features) = (cx.shapes[0][0], cx.shapes[0][1]);
    let (aggregators, units) = (op.aggregators, op.units);
    let at_once = op.parallelization_factor.unwrap_or(vertices);
    let [edge, accum, distance] =
        [Slot::EdgeAccum, Slot::Accum, Slot::Distance].map(|slot| facts.format(slot));
    let (table, result) = (facts.constant(Slot::Table), facts.result());
    let none = |format| Value { raw: Wide::ZERO, format };
    let stored =
        |slot, n: usize| facts.constants.get(slot).map_or(none(Format::uint(1)), |values| at(values, n));
    let whole = count.cast(Format::fixed(200, 200)).raw.to_i128().expect("a number of vertices");
    let present = whole.clamp(0, vertices as i128) as usize;

    let weight = |v: usize, a: usize| {
        let mut d = stored(Slot::DistanceBias, a).cast(distance);
        for f in 0..features {
            let term =
                x[v * features + f].times(stored(Slot::DistanceWeight, a * features + f)).cast(distance);
            d = d.plus(term).cast(distance);
        }
        let pattern = (0..distance.width).map(|bit| usize::from(d.raw.bit(bit)) << bit).sum();
        at(table, pattern)
    };
    let rounds = vertices / at_once;
    let (share, rest) = (at_once.ilog2(), rounds.ilog2());
    // The sum over rounds of the sums in a round, each with its share of the whole.
    let sum = |format: Format, term: &dyn Fn(usize) -> Value| {
        (0..rounds).fold(none(format), |total, round| {
            let inside = (round * at_once..(round + 1) * at_once).filter(|v| *v < present);
            let part = inside.fold(none(format), |sum, v| sum.plus(term(v)).cast(format));
            total.plus(shifted(part, share)).cast(format)
        })
    };
    let mean = |total: Value| match op.mean_by_nvert {
        true => total.times(at(facts.constant(Slot::Norm), present)),
        false => shifted(total, rest),
    };
    let data = cx.inputs[0].1.result();
    let edge_means: Vec<_> =
        (0..aggregators).map(|a| mean(sum(edge, &|v| weight(v, a))).cast(table.format)).collect();
    let feature_mean = |a: usize, f: usize| {
        let term = |v: usize| x[v * features + f].times(weight(v, a)).cast(data);
        mean(sum(accum, &term)).cast(accum)
    };
    let feature_means: Vec<_> =
        (0..aggregators * features).map(|n| feature_mean(n / features, n % features)).collect();
    let handed = |u: usize, a: usize| {
        let n = u * aggregators + a;
        let start = edge_means[a].times(stored(Slot::TransformBias, n)).cast(accum);
        (0..features).fold(start, |sum, f| {
            sum.plus(feature_means[a * features + f].times(stored(Slot::Weight, n * features + f)))
                .cast(accum)
        })
    };
    if op.collapse == Collapse::Mean {
        let unit = |u: usize| {
            let mut bias = stored(Slot::Bias, u);
            if !op.mean_by_nvert {
                let all = bias.cast(accum).times(count).cast(accum);
                bias = shifted(all, vertices.ilog2()).cast(facts.format(Slot::ScaledBias));
            }
            (0..aggregators)
                .fold(bias.cast(result), |y, a| y.plus(edge_means[a].times(handed(u, a))).cast(result))
        };
        return (0..units).map(unit).collect();
    }
    let element = |n: usize| {
        let (v, u) = (n / units, n % units);
        if v >= present {
            return none(result);
        }
        let start = stored(Slot::Bias, u).cast(result);
        (0..aggregators)
            .fold(start, |y, a| y.plus(weight(v, a).times(handed(u, a)).cast(result)).cast(result))
    };
    (0..vertices * units).map(element).collect()
}
