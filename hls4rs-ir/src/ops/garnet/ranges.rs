//! What the values of a graph layer can be: its own arithmetic on intervals.

use hls4rs_fixed::vertices::Vertices;
use hls4rs_fixed::{BitIndex, Format, Wide};

use super::{Collapse, Garnet};
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Done, NodeCx, limited};
use crate::tables::{Extremes, Reach};
use crate::{Facts, RawTensor, Slot};

const ZERO: Interval = Interval { lo: Wide::ZERO, hi: Wide::ZERO };

/// An interval and its fraction bits.
type Exact = (Interval, i32);

fn point(raw: i64, format: Format) -> Exact {
    (Interval::point(Wide::from_i64(raw)), format.frac_bits())
}

fn sum((a, a_bits): Exact, (b, b_bits): Exact) -> Exact {
    let frac_bits = a_bits.max(b_bits);
    let finer = |e: Interval, bits: i32| e.finer((frac_bits - bits).unsigned_abs());
    (finer(a, a_bits).sum(finer(b, b_bits)), frac_bits)
}

fn product((a, a_bits): Exact, (b, b_bits): Exact) -> Exact {
    (a.product(b), a_bits + b_bits)
}

/// Divided by a power of two in the same unit.
fn shifted((e, frac_bits): Exact, bits: u32) -> Exact {
    (e.map(|raw| raw >> bits), frac_bits)
}

fn hull(a: Exact, b: Exact) -> Exact {
    debug_assert_eq!(a.1, b.1, "in one unit");
    (a.0.hull(b.0), a.1)
}

/// A slot into which values are cast, and what they were before.
struct Stage {
    frac_bits: i32,
    /// `None` for a format that is still to be found, without limits.
    format: Option<Format>,
    before: Option<Interval>,
}

impl Stage {
    fn new(format: Option<Format>, auto_frac_bits: i32) -> Self {
        let frac_bits = format.map_or(auto_frac_bits, Format::frac_bits);
        Self { frac_bits, format, before: None }
    }

    fn zero(&self) -> Exact {
        (ZERO, self.frac_bits)
    }

    fn cast(&mut self, (e, frac_bits): Exact) -> Exact {
        let like = self.format.unwrap_or(Format::fixed(1, 1 - self.frac_bits));
        let rounded = quantized(e, frac_bits, like);
        self.before = Some(self.before.map_or(rounded, |before| before.hull(rounded)));
        let within = |format| {
            limited(&Ranges { frac_bits: self.frac_bits, elements: vec![rounded] }, format).elements[0]
        };
        (self.format.map_or(rounded, within), self.frac_bits)
    }

    /// `self(a + b)`.
    fn add(&mut self, a: Exact, b: Exact) -> Exact {
        self.cast(sum(a, b))
    }

    fn seen(&self) -> Ranges {
        Ranges { frac_bits: self.frac_bits, elements: vec![self.before.unwrap_or(ZERO)] }
    }

    /// Settles the slot in the format that was asked for, or in the narrowest one.
    fn settle(&self, cx: &mut NodeCx<'_>, slot: Slot) {
        let seen = self.seen();
        cx.settle_cast_to(slot, self.format.unwrap_or_else(|| seen.format()), &seen);
    }
}

/// The distances of every vertex to every aggregator, and what was cast to their format.
pub(super) fn distances(
    sizes: &Vertices,
    x: &Facts,
    index: BitIndex,
    [weight, bias]: [&RawTensor; 2],
) -> (Vec<Interval>, Ranges) {
    let mut stage = Stage::new(Some(index.format()), 0);
    let mut all = Vec::with_capacity(sizes.vertices * sizes.aggregators);
    for row in x.range.elements.chunks(sizes.features) {
        for (weight_row, &bias_raw) in weight.raw.chunks(sizes.features).zip(&bias.raw) {
            let mut distance = stage.cast(point(bias_raw, bias.format));
            for (x_element, &raw) in row.iter().zip(weight_row) {
                let term = product((*x_element, x.range.frac_bits), point(raw, weight.format));
                let term = stage.cast(term);
                distance = stage.add(distance, term);
            }
            all.push(distance.0);
        }
    }
    (all, stage.seen())
}

/// The entries of the table that the distances reach.
pub(super) fn stretches(distances: &[Interval], index: BitIndex) -> impl Iterator<Item = (usize, usize)> {
    distances.iter().flat_map(move |distance| index.reach(*distance))
}

/// The weights of all edges.
pub(super) fn edges(distances: &[Interval], index: BitIndex, table: &RawTensor) -> Vec<Interval> {
    let extremes = Extremes::new(&table.raw);
    let edge = |distance: &Interval| {
        let entries = index.reach(*distance).into_iter().map(|stretch| extremes.between(stretch));
        entries.reduce(Interval::hull).expect("a distance has an entry")
    };
    distances.iter().map(edge).collect()
}

/// Everything behind the edge weights.
pub(super) struct Aggregation<'a> {
    pub(super) layer: &'a Garnet,
    pub(super) sizes: Vertices,
    pub(super) x: &'a Facts,
    pub(super) count: &'a Facts,
    pub(super) weight: &'a RawTensor,
    pub(super) transform_bias: &'a RawTensor,
    pub(super) bias: &'a RawTensor,
    pub(super) table: &'a RawTensor,
    pub(super) norm: Option<&'a RawTensor>,
    pub(super) edges: Vec<Interval>,
}

/// The slots of the sums.
struct Stages {
    edge: Stage,
    accum: Stage,
    data: Stage,
    mean: Stage,
}

/// The mean of an aggregator's edges, and of its features.
#[derive(Clone)]
struct Means {
    edge: Exact,
    features: Vec<Exact>,
}

impl Aggregation<'_> {
    pub(super) fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let mut stages = self.stages(cx);
        let accum = stages.accum.format.unwrap_or(Format::fixed(1, 1 - stages.accum.frac_bits));
        cx.exact(0, accum.product(self.weight.format).product(self.table.format))?;
        let means = self.means(&mut stages);
        let handed = self.handed(&mut stages, &means);
        let scaled = self.layer.scales_bias().then(|| self.scaled(cx, &mut stages.accum));
        let edge_bits = self.table.format.frac_bits() + stages.accum.frac_bits;
        let bias_bits = scaled.as_ref().map_or(self.bias.format.frac_bits(), |(stage, _)| stage.frac_bits);
        let auto = edge_bits.max(bias_bits);
        let results = self.results(cx.precision(Slot::Result).format(), auto, (&means, &handed), &scaled);
        stages.edge.settle(cx, Slot::EdgeAccum);
        stages.accum.settle(cx, Slot::Accum);
        stages.mean.settle(cx, Slot::Table);
        if let Some((stage, _)) = scaled {
            stage.settle(cx, Slot::ScaledBias);
        }
        let frac_bits = results[0].0.frac_bits;
        let seen = results.iter().map(|(stage, _)| stage.before.unwrap_or(ZERO)).collect();
        cx.settle_result(&Ranges { frac_bits, elements: seen });
        let elements = results.into_iter().map(|(_, (e, _))| e).collect();
        Some(Ranges { frac_bits, elements }.into())
    }

    fn stages(&self, cx: &NodeCx<'_>) -> Stages {
        let bits = self.sizes.vertex_bits() as i32;
        let (table, data) = (self.table.format, self.x.result());
        let features = data.frac_bits() + bits + self.weight.format.frac_bits().max(0);
        let edges = table.frac_bits() + self.transform_bias.format.frac_bits();
        let bias = self.bias.format.frac_bits() + self.count.result().frac_bits().max(0) + bits;
        let asked = |slot| cx.precision(slot).format();
        Stages {
            edge: Stage::new(asked(Slot::EdgeAccum), table.frac_bits() + bits),
            accum: Stage::new(asked(Slot::Accum), features.max(edges).max(bias)),
            data: Stage::new(Some(data), 0),
            mean: Stage::new(Some(table), 0),
        }
    }

    /// The least and the greatest number of vertices.
    fn counts(&self) -> (usize, usize) {
        let frac_bits = self.count.range.frac_bits;
        let most = Wide::from_i64(self.sizes.vertices as i64);
        let whole = |raw: Wide| {
            let bits = frac_bits.unsigned_abs();
            let floor = if frac_bits > 0 { raw >> bits } else { raw.min(most).max(-Wide::ONE) << bits.min(64) };
            let count = floor.max(Wide::ZERO).min(most).to_i128().unwrap_or(0);
            usize::try_from(count).unwrap_or(0)
        };
        let e = self.count.range.elements[0];
        (whole(e.lo), whole(e.hi))
    }

    fn means(&self, stages: &mut Stages) -> Vec<Means> {
        let (least, most) = self.counts();
        let Some(norm) = self.norm else { return self.means_of(stages, (least, most), None) };
        let of = |count: usize| self.means_of(stages, (count, count), Some(point(norm.raw[count], norm.format)));
        let joined = |a: Vec<Means>, b: Vec<Means>| {
            let join = |(a, b): (Means, Means)| Means {
                edge: hull(a.edge, b.edge),
                features: a.features.into_iter().zip(b.features).map(|(a, b)| hull(a, b)).collect(),
            };
            a.into_iter().zip(b).map(join).collect()
        };
        (least..=most).map(of).reduce(joined).expect("a number of vertices")
    }

    /// The means for all numbers of vertices in an interval.
    fn means_of(&self, stages: &mut Stages, counts: (usize, usize), norm: Option<Exact>) -> Vec<Means> {
        (0..self.sizes.aggregators).map(|a| self.aggregator(stages, a, counts, norm)).collect()
    }

    fn aggregator(
        &self,
        stages: &mut Stages,
        a: usize,
        (least, most): (usize, usize),
        norm: Option<Exact>,
    ) -> Means {
        let Vertices { features, aggregators, .. } = self.sizes;
        let Stages { edge, accum, data, mean } = stages;
        let (mut total, mut totals) = (edge.zero(), vec![accum.zero(); features]);
        for round in 0..self.sizes.rounds() {
            let (mut local, mut locals) = (edge.zero(), vec![accum.zero(); features]);
            let first = round * self.sizes.at_once;
            for v in (first..first + self.sizes.at_once).take_while(|v| *v < most) {
                let weight = (self.edges[v * aggregators + a], self.table.format.frac_bits());
                let whether = |before: Exact, after: Exact| if v < least { after } else { hull(before, after) };
                local = whether(local, edge.add(local, weight));
                for (f, sum) in locals.iter_mut().enumerate() {
                    let x = (self.x.range.elements[v * features + f], self.x.range.frac_bits);
                    let term = data.cast(product(x, weight));
                    *sum = whether(*sum, accum.add(*sum, term));
                }
            }
            let share = self.sizes.share_bits();
            total = edge.add(total, shifted(local, share));
            for (total, local) in totals.iter_mut().zip(locals) {
                *total = accum.add(*total, shifted(local, share));
            }
        }
        let rounds = self.sizes.round_bits();
        let scaled = |total| norm.map_or_else(|| shifted(total, rounds), |norm| product(total, norm));
        Means {
            edge: mean.cast(scaled(total)),
            features: totals.into_iter().map(|total| accum.cast(scaled(total))).collect(),
        }
    }

    /// What the aggregators hand on, `[units, aggregators]`.
    fn handed(&self, stages: &mut Stages, means: &[Means]) -> Vec<Exact> {
        let features = self.sizes.features;
        let one = |n: usize| {
            let means = &means[n % means.len()];
            let bias = point(self.transform_bias.raw[n], self.transform_bias.format);
            let start = stages.accum.cast(product(means.edge, bias));
            let weights = &self.weight.raw[n * features..(n + 1) * features];
            means.features.iter().zip(weights).fold(start, |sum, (mean, &raw)| {
                stages.accum.add(sum, product(*mean, point(raw, self.weight.format)))
            })
        };
        (0..self.sizes.units * self.sizes.aggregators).map(one).collect()
    }

    /// The biases in proportion to the number of vertices.
    fn scaled(&self, cx: &NodeCx<'_>, accum: &mut Stage) -> (Stage, Vec<Exact>) {
        let mut stage = Stage::new(cx.precision(Slot::ScaledBias).format(), accum.frac_bits);
        let count = (self.count.range.elements[0], self.count.range.frac_bits);
        let one = |&raw: &i64| {
            let bias = accum.cast(point(raw, self.bias.format));
            let all = accum.cast(product(bias, count));
            stage.cast(shifted(all, self.sizes.vertex_bits()))
        };
        let all = self.bias.raw.iter().map(one).collect();
        (stage, all)
    }

    /// Every element of the result, and what it was before its cast.
    fn results(
        &self,
        asked: Option<Format>,
        auto: i32,
        (means, handed): (&[Means], &[Exact]),
        scaled: &Option<(Stage, Vec<Exact>)>,
    ) -> Vec<(Stage, Exact)> {
        let Vertices { vertices, aggregators, units, .. } = self.sizes;
        let bias = |u: usize| match scaled {
            Some((_, scaled)) => scaled[u],
            None => point(self.bias.raw[u], self.bias.format),
        };
        let handed = |u: usize| &handed[u * aggregators..(u + 1) * aggregators];
        if self.layer.collapse == Collapse::Mean {
            let element = |u: usize| {
                let mut stage = Stage::new(asked, auto);
                let start = stage.cast(bias(u));
                let terms = means.iter().zip(handed(u));
                let y = terms.fold(start, |y, (mean, h)| stage.add(y, product(mean.edge, *h)));
                (stage, y)
            };
            return (0..units).map(element).collect();
        }
        let (least, _) = self.counts();
        let element = |n: usize| {
            let (v, u) = (n / units, n % units);
            let mut stage = Stage::new(asked, auto);
            let start = stage.cast(bias(u));
            let edges = &self.edges[v * aggregators..(v + 1) * aggregators];
            let y = edges.iter().zip(handed(u)).fold(start, |y, (edge, h)| {
                let term = stage.cast(product((*edge, self.table.format.frac_bits()), *h));
                stage.add(y, term)
            });
            let y = if v < least { y } else { hull(y, stage.zero()) };
            (stage, y)
        };
        (0..vertices * units).map(element).collect()
    }
}
