//! The arithmetic of graph layers.

use hls4rs_fixed::vertices::Vertices;
use hls4rs_fixed::{BitIndex, Cast, Format};

use crate::layers::Values;
use crate::layers::int::{Int, bits, most};
use crate::layers::rows::{assigned, map, zip};

/// The formats of a graph layer.
#[derive(Clone, Copy, Debug)]
pub struct GarnetFormats {
    /// The features of the vertices.
    pub x: Format,
    /// The format into which features times edge weights are cast: that of the features as declared.
    pub data: Format,
    /// The number of vertices.
    pub count: Format,
    /// Weights of what aggregators hand on.
    pub weight: Format,
    /// Constants of what aggregators hand on.
    pub transform_bias: Format,
    /// Weights of the distances.
    pub distance_weight: Format,
    /// Constants of the distances.
    pub distance_bias: Format,
    /// Constants of the result.
    pub bias: Format,
    /// Edge weights.
    pub table: Format,
    /// What sums are multiplied by, for means over the vertices that there are.
    pub norm: Format,
    /// Distances.
    pub distance: Format,
    /// Sums of edge weights.
    pub edge_accum: Format,
    /// Sums of features, and what aggregators hand on.
    pub accum: Format,
    /// The bias in proportion to the number of vertices.
    pub scaled_bias: Format,
    /// The result.
    pub result: Format,
}

/// What a graph layer stores.
#[derive(Clone, Copy)]
pub struct GarnetValues<'a> {
    /// `[units, aggregators, features]`.
    pub weight: &'a dyn Values,
    /// `[units, aggregators]`.
    pub transform_bias: &'a dyn Values,
    /// `[aggregators, features]`.
    pub distance_weight: &'a dyn Values,
    /// `[aggregators]`.
    pub distance_bias: &'a dyn Values,
    /// `[units]`.
    pub bias: &'a dyn Values,
    /// An edge weight for every bit pattern of a distance.
    pub table: &'a dyn Values,
    /// A factor for every number of vertices.
    pub norm: &'a dyn Values,
}

/// Memory for sums and means.
pub struct GarnetWork<'a, C, const L: usize> {
    /// Sums of a round, then means: of edges, `[aggregators]`.
    pub edge: [&'a mut [[C; L]]; 2],
    /// The same of features, `[aggregators, features]`.
    pub features: [&'a mut [[C; L]]; 2],
    /// What aggregators hand on, `[units, aggregators]`.
    pub handed: &'a mut [[C; L]],
}

/// The cast of a sum.
#[derive(Clone, Copy, Debug)]
struct Add {
    a_up: u32,
    b_up: u32,
    cast: Cast,
}

impl Add {
    const fn new(a: Format, b: Format, result: Format) -> Self {
        let (fa, fb) = (a.frac_bits(), b.frac_bits());
        let frac_bits = if fa > fb { fa } else { fb };
        let (a_up, b_up) = ((frac_bits - fa).unsigned_abs(), (frac_bits - fb).unsigned_abs());
        Self { a_up, b_up, cast: Cast::new(a.sum(b), result) }
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, a: &[C; L], b: &[C; L]) -> [C; L] {
        assigned(&self.cast, zip(map(a, |a| a.up(self.a_up)), b, |a, b| a.plus(b.up(self.b_up))))
    }
}

/// A graph layer with its formats.
#[derive(Clone, Copy, Debug)]
pub struct GarnetKernel {
    sizes: Vertices,
    /// Whether the result is a mean.
    mean: bool,
    mean_by_nvert: bool,
    index: BitIndex,
    count_frac_bits: i32,
    distance_start: Cast,
    distance_term: Cast,
    distance_sum: Add,
    edge_sum: Add,
    edge_total: Add,
    feature_term: Cast,
    feature_sum: Add,
    feature_total: Add,
    edge_mean: Cast,
    feature_mean: Cast,
    handed_start: Cast,
    handed_sum: Add,
    bias: [Cast; 3],
    start: Cast,
    mean_sum: Add,
    edge_term: Cast,
    sum: Add,
}

impl GarnetKernel {
    /// Prepares the layer; `mean` for the mean over all vertices, the second flag for means over those that there are.
    ///
    /// # Panics
    /// If the distance has more than 20 bits.
    pub const fn new(sizes: Vertices, [mean, mean_by_nvert]: [bool; 2], f: &GarnetFormats) -> Self {
        let (edge, accum, table) = (f.edge_accum, f.accum, f.table);
        let index = BitIndex::new(f.distance, 1 << f.distance.width).expect("an address");
        let bias = if mean && !mean_by_nvert { f.scaled_bias } else { f.bias };
        let handed = table.product(accum);
        Self {
            sizes,
            mean,
            mean_by_nvert,
            index,
            count_frac_bits: f.count.frac_bits(),
            distance_start: Cast::new(f.distance_bias, f.distance),
            distance_term: Cast::new(f.x.product(f.distance_weight), f.distance),
            distance_sum: Add::new(f.distance, f.distance, f.distance),
            edge_sum: Add::new(edge, table, edge),
            edge_total: Add::new(edge, edge, edge),
            feature_term: Cast::new(f.x.product(table), f.data),
            feature_sum: Add::new(accum, f.data, accum),
            feature_total: Add::new(accum, accum, accum),
            edge_mean: Cast::new(if mean_by_nvert { edge.product(f.norm) } else { edge }, table),
            feature_mean: Cast::new(if mean_by_nvert { accum.product(f.norm) } else { accum }, accum),
            handed_start: Cast::new(table.product(f.transform_bias), accum),
            handed_sum: Add::new(accum, accum.product(f.weight), accum),
            bias: [
                Cast::new(f.bias, accum),
                Cast::new(accum.product(f.count), accum),
                Cast::new(accum, f.scaled_bias),
            ],
            start: Cast::new(bias, f.result),
            mean_sum: Add::new(f.result, handed, f.result),
            edge_term: Cast::new(handed, f.result),
            sum: Add::new(f.result, f.result, f.result),
        }
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        let casts = [
            self.distance_start,
            self.distance_term,
            self.distance_sum.cast,
            self.edge_sum.cast,
            self.edge_total.cast,
            self.feature_term,
            self.feature_sum.cast,
            self.feature_total.cast,
            self.edge_mean,
            self.feature_mean,
            self.handed_start,
            self.handed_sum.cast,
            self.bias[0],
            self.bias[1],
            self.bias[2],
            self.start,
            self.mean_sum.cast,
            self.edge_term,
            self.sum.cast,
        ];
        let (mut width, mut at) = (0, 0);
        while at < casts.len() {
            width = most(width, most(casts[at].container_bits(), bits(casts[at].src())));
            at += 1;
        }
        width
    }

    /// How many vertices there are.
    #[inline(always)]
    fn vertices<C: Int>(&self, count: C) -> usize {
        let (all, frac_bits) = (self.sizes.vertices as i64, self.count_frac_bits);
        let floor = if frac_bits > 0 { count.down(frac_bits.unsigned_abs()) } else { count };
        let near = floor.max(C::default()).min(C::from_i64(all)).to_i64();
        // A power of two beyond 2^32 is beyond all of them.
        let shift = if frac_bits < 0 { frac_bits.unsigned_abs().min(32) } else { 0 };
        (near << shift).min(all) as usize
    }

    /// The weights of the edges from a vertex to an aggregator.
    #[inline(always)]
    fn edge<C: Int, const L: usize>(&self, values: &GarnetValues<'_>, x: &[[C; L]], a: usize) -> [C; L] {
        let mut distance = assigned(&self.distance_start, [C::from_i64(values.distance_bias.at(a)); L]);
        for (f, x) in x.iter().enumerate() {
            let weight = C::from_i64(values.distance_weight.at(a * self.sizes.features + f));
            let term = assigned(&self.distance_term, map(x, |x| x.times(weight)));
            distance = self.distance_sum.row(&distance, &term);
        }
        map(&distance, |d| C::from_i64(values.table.at(self.index.i64(d.to_i64()))))
    }

    /// The layer: `x` `[vertices, features]`, `y` `[vertices, units]` or `[units]`.
    #[inline(always)]
    pub fn run<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        (x, count): (&[[C; L]], &[C; L]),
        mut work: GarnetWork<'_, C, L>,
        y: &mut [[C; L]],
    ) {
        let counts = count.map(|count| self.vertices(count));
        self.sums(values, x, &counts, &mut work);
        let GarnetWork { edge: [_, edge], features: [_, features], handed } = work;
        self.means(values, &counts, edge, features);
        self.handed(values, edge, features, handed);
        if self.mean {
            self.mean_of_all(values, count, edge, handed, y);
        } else {
            self.each(values, x, &counts, handed, y);
        }
    }

    /// Sums over all rounds, each divided by its number of vertices.
    #[inline(always)]
    fn sums<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        x: &[[C; L]],
        counts: &[usize; L],
        work: &mut GarnetWork<'_, C, L>,
    ) {
        let GarnetWork { edge: [edge_round, edge], features: [feature_round, features], .. } = work;
        let Vertices { features: n, at_once, .. } = self.sizes;
        let share = self.sizes.share_bits();
        let zero = [C::default(); L];
        edge.fill(zero);
        features.fill(zero);
        for (round, x) in x.chunks_exact(at_once * n).enumerate() {
            edge_round.fill(zero);
            feature_round.fill(zero);
            for (v, x) in x.chunks_exact(n).enumerate() {
                let there = counts.map(|count| round * at_once + v < count);
                for (a, sum) in edge_round.iter_mut().enumerate() {
                    let weight = self.edge(values, x, a);
                    *sum = chosen(&there, self.edge_sum.row(sum, &weight), sum);
                    for (sum, x) in feature_round[a * n..].iter_mut().zip(x) {
                        let term = assigned(&self.feature_term, zip(*x, &weight, C::times));
                        *sum = chosen(&there, self.feature_sum.row(sum, &term), sum);
                    }
                }
            }
            for (total, sum) in edge.iter_mut().zip(edge_round.iter()) {
                *total = self.edge_total.row(total, &map(sum, |sum| sum.down(share)));
            }
            for (total, sum) in features.iter_mut().zip(feature_round.iter()) {
                *total = self.feature_total.row(total, &map(sum, |sum| sum.down(share)));
            }
        }
    }

    /// From sums over the rounds to means.
    #[inline(always)]
    fn means<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        counts: &[usize; L],
        edge: &mut [[C; L]],
        features: &mut [[C; L]],
    ) {
        let rounds = self.sizes.round_bits();
        let norm = counts.map(|n| C::from_i64(if self.mean_by_nvert { values.norm.at(n) } else { 1 }));
        let scaled = |sum: &[C; L]| match self.mean_by_nvert {
            true => zip(*sum, &norm, C::times),
            false => map(sum, |sum| sum.down(rounds)),
        };
        for sum in edge {
            *sum = assigned(&self.edge_mean, scaled(sum));
        }
        for sum in features {
            *sum = assigned(&self.feature_mean, scaled(sum));
        }
    }

    /// What the aggregators hand on.
    #[inline(always)]
    fn handed<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        edge: &[[C; L]],
        features: &[[C; L]],
        handed: &mut [[C; L]],
    ) {
        let n = self.sizes.features;
        for (at, y) in handed.iter_mut().enumerate() {
            let a = at % edge.len();
            let bias = C::from_i64(values.transform_bias.at(at));
            let mut sum = assigned(&self.handed_start, map(&edge[a], |edge| edge.times(bias)));
            for (f, mean) in features[a * n..(a + 1) * n].iter().enumerate() {
                let weight = C::from_i64(values.weight.at(at * n + f));
                sum = self.handed_sum.row(&sum, &map(mean, |mean| mean.times(weight)));
            }
            *y = sum;
        }
    }

    /// The mean of the results of all vertices.
    #[inline(always)]
    fn mean_of_all<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        count: &[C; L],
        edge: &[[C; L]],
        handed: &[[C; L]],
        y: &mut [[C; L]],
    ) {
        for (u, (y, handed)) in y.iter_mut().zip(handed.chunks_exact(edge.len())).enumerate() {
            let mut bias = [C::from_i64(values.bias.at(u)); L];
            if !self.mean_by_nvert {
                bias = zip(assigned(&self.bias[0], bias), count, C::times);
                bias = map(&assigned(&self.bias[1], bias), |bias| bias.down(self.sizes.vertex_bits()));
                bias = assigned(&self.bias[2], bias);
            }
            *y = assigned(&self.start, bias);
            for (edge, handed) in edge.iter().zip(handed) {
                *y = self.mean_sum.row(y, &zip(*edge, handed, C::times));
            }
        }
    }

    /// The result of every vertex.
    #[inline(always)]
    fn each<C: Int, const L: usize>(
        &self,
        values: &GarnetValues<'_>,
        x: &[[C; L]],
        counts: &[usize; L],
        handed: &[[C; L]],
        y: &mut [[C; L]],
    ) {
        let Vertices { features, aggregators, units, .. } = self.sizes;
        let zero = [C::default(); L];
        for (v, (x, y)) in x.chunks_exact(features).zip(y.chunks_exact_mut(units)).enumerate() {
            let there = counts.map(|count| v < count);
            for (u, y) in y.iter_mut().enumerate() {
                *y = assigned(&self.start, [C::from_i64(values.bias.at(u)); L]);
            }
            for a in 0..aggregators {
                let weight = self.edge(values, x, a);
                for (u, y) in y.iter_mut().enumerate() {
                    let product = zip(weight, &handed[u * aggregators + a], C::times);
                    *y = self.sum.row(y, &assigned(&self.edge_term, product));
                }
            }
            for y in y {
                *y = chosen(&there, *y, &zero);
            }
        }
    }
}

/// The first value where the flag is set, else the second.
#[inline(always)]
fn chosen<C: Int, const L: usize>(flags: &[bool; L], mut a: [C; L], b: &[C; L]) -> [C; L] {
    for ((a, b), flag) in a.iter_mut().zip(b).zip(flags) {
        if !flag {
            *a = *b;
        }
    }
    a
}
