//! A layer on the vertices of a graph.

use hls4rs_fixed::vertices::Vertices;
use hls4rs_fixed::{BitIndex, Format, Overflow};

use super::moves::reshape;
use super::sums::no_bias;
use super::{Arity, Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::fault::Problem;
use crate::resolve::{Done, NodeCx};
use crate::tables::{edge_weights, reached};
use crate::{Place, RawTensor, Shape, Slot};

mod ranges;

use ranges::Aggregation;

/// What the result has for each vertex, or for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Collapse {
    /// Every vertex has features of its own.
    #[default]
    None,
    /// The mean over all vertices.
    Mean,
}

/// Graph layer with aggregators, with all linear parts folded into one: vertices `v` and aggregators `a` are joined by
/// edges of the weight `e[v, a] = exp(-d²)`, where `d[v, a] = distance_bias[a] + Σ x[v, f] · distance_weight[a, f]`.
///
/// With the means `m[a] = Σ e[v, a] / n` and `g[a, f] = Σ x[v, f] · e[v, a] / n` over the vertices, an aggregator hands on
/// `h[u, a] = transform_bias[u, a] · m[a] + Σ g[a, f] · weight[u, a, f]`, and a vertex gets
/// `y[v, u] = bias[u] + Σ e[v, a] · h[u, a]`.
///
/// # Shapes
/// `x: [vertices, features]`, and `count: [1]`, the number of vertices that there are: the first `floor(count)` rows of
/// `x`. `weight: [units, aggregators, features]`, `transform_bias: [units, aggregators]`,
/// `distance_weight: [aggregators, features]`, `distance_bias: [aggregators]`, `bias: [units]`; the biases may be missing.
/// `y: [vertices, units]`, 0 for a vertex that there is not, or `[units]` with `collapse: mean`.
/// `n` is `vertices`, a power of two; with `mean_by_nvert: true` it is the number that there are. A stack of several is
/// written as several layers.
/// # Precision
/// `D`, `E`, `A`, `T` are the casts to `distance`, `edge_accum`, `accum` and `table`, `X` that to the format of `x`, `R`
/// that to the result; sums start from 0.
/// - `d = D(distance_bias)`, then `d = D(d + D(x · distance_weight))` over rising `f`; its bit pattern is the address of
///   `e` in a table in the format `table`.
/// - In every round of `parallelization_factor` vertices `s = E(s + e)` and `t = A(t + X(x · e))`; after each round
///   `S = E(S + (s >> share))` and `U = A(U + (t >> share))`, with `share = log2(parallelization_factor)`.
/// - `m = T(S >> rounds)` and `g = U >> rounds`, where `rounds` is the logarithm of their number; with `mean_by_nvert`
///   `m = T(S · norm)` and `g = A(U · norm)`, `norm` being `parallelization_factor / count` in the format `norm`.
/// - `h = A(m · transform_bias)`, then `h = A(h + g · weight)` over rising `f`.
/// - `y = R(bias)`, then `y = R(y + R(e · h))` over rising `a`. The mean is `y = R(b)`, then `y = R(y + m · h)`, where `b`
///   is the bias with `mean_by_nvert`, else `A(A(bias) · count) >> log2(vertices)` cast to `scaled_bias`.
///
/// Shifts drop what falls below the unit. `auto` of `distance` is `fixed<12,4>`, of `table` `ufixed<10,0>`, both
/// saturating; of `norm` ten fraction bits. The other formats are exact and tight, as far as those let them be.
///
/// hls4ml divides as whole numbers for `norm`, which gives 0 where `count` is above `parallelization_factor`; it reads on
/// to the end of the round for a `count` with a fraction, and leaves the rest of `y` as it was.
/// # Hardware
/// `parallelization_factor` vertices at once, a round every cycle. It is the number of vertices over the reuse factor of
/// hls4ml.
/// # Source
/// hls4ml `nnet_utils/nnet_garnet.h`; Iiyama et al. 2021, doi:10.3389/fdata.2020.598927.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Garnet {
    /// Features of the result.
    pub units: usize,
    /// Aggregators.
    pub aggregators: usize,
    /// What the result has.
    pub collapse: Collapse,
    /// Whether means are over the vertices that there are.
    pub mean_by_nvert: bool,
    /// Vertices that are computed at once; `None` for all.
    pub parallelization_factor: Option<usize>,
}

impl Garnet {
    /// The sizes for an input that [`shape`](Layer::shape) has accepted.
    pub fn sizes(&self, x: &Shape) -> Vertices {
        let (vertices, features) = (x[0], x.channels());
        let at_once = self.parallelization_factor.unwrap_or(vertices);
        Vertices { vertices, features, aggregators: self.aggregators, units: self.units, at_once }
    }

    /// Whether the result is the mean over all vertices, with a bias in proportion to their number.
    fn scales_bias(&self) -> bool {
        self.collapse == Collapse::Mean && !self.mean_by_nvert
    }
}

/// The widest distance, whose every value has an entry in a table.
const MAX_DISTANCE_WIDTH: u32 = 16;

impl Layer for Garnet {
    fn keyword(&self) -> &'static str {
        "garnet"
    }

    fn arity(&self) -> Arity {
        Arity::Exactly(2)
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { units, aggregators, collapse, mean_by_nvert, parallelization_factor } = self;
        let attr = |name, doc, value| Attr { name, doc, value };
        let index = *collapse as usize;
        let set = Box::new(|n| *collapse = [Collapse::None, Collapse::Mean][n]);
        vec![
            attr("units", "number of features of the result", AttrRef::Size(units)),
            attr("aggregators", "number of aggregators", AttrRef::Size(aggregators)),
            attr(
                "collapse",
                "`none` for a result of every vertex, `mean` for their mean",
                AttrRef::Choice { allowed: &["none", "mean"], index, set },
            ),
            attr(
                "mean_by_nvert",
                "whether means are over the vertices that there are, not all that there can be",
                AttrRef::Flag(mean_by_nvert),
            ),
            attr(
                "parallelization_factor",
                "vertices that are computed at once, by default all",
                AttrRef::OptionalSize(parallelization_factor),
            ),
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        use Slot::{
            Accum, Bias, Distance, DistanceBias, DistanceWeight, EdgeAccum, Norm, ScaledBias, Table, TransformBias,
            Weight,
        };
        if self.mean_by_nvert {
            &[
                Weight,
                Bias,
                Accum,
                Table,
                TransformBias,
                DistanceWeight,
                DistanceBias,
                Distance,
                EdgeAccum,
                Norm,
            ]
        } else if self.scales_bias() {
            &[
                Weight,
                Bias,
                Accum,
                Table,
                TransformBias,
                DistanceWeight,
                DistanceBias,
                Distance,
                EdgeAccum,
                ScaledBias,
            ]
        } else {
            &[Weight, Bias, Accum, Table, TransformBias, DistanceWeight, DistanceBias, Distance, EdgeAccum]
        }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let &[vertices, features] = &inputs[0][..] else { return Err(no_vertices(reshape("[vertices, features]"))) };
        if !vertices.is_power_of_two() {
            let help = "insert `zero_padding1d(…)` before this layer: vertices from the number on are not read";
            return Err(no_vertices(Some(help.to_owned())));
        }
        if inputs[1].elements() != 1 {
            let expected = "[1], the number of vertices".to_owned();
            return Err(Unfit::Input { n: 1, expected, help: None });
        }
        let too_large = |name, found: usize| {
            let expected = "a whole number of at least 1, small enough to store the weights".to_owned();
            Unfit::Attr { name, expected, found: found.to_string() }
        };
        Shape::new(&[self.aggregators, features]).map_err(|_| too_large("aggregators", self.aggregators))?;
        Shape::new(&[self.units, self.aggregators, features]).map_err(|_| too_large("units", self.units))?;
        let at_once = self.parallelization_factor.unwrap_or(vertices);
        if !vertices.is_multiple_of(at_once) {
            return Err(Unfit::Attr {
                name: "parallelization_factor",
                expected: format!("a divisor of the {vertices} vertices"),
                found: at_once.to_string(),
            });
        }
        let all = [vertices, self.units];
        let result = if self.collapse == Collapse::Mean { &all[1..] } else { &all };
        Shape::new(result).map_err(|_| too_large("units", self.units))
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let (units, aggregators, features) = (self.units, self.aggregators, inputs[0].channels());
        let parameter = |slot, extents: &[usize], optional| {
            let shape = Shape::new(extents).expect("checked with the input's shape");
            Parameter { slot, shape, alternative: None, optional }
        };
        vec![
            parameter(Slot::Weight, &[units, aggregators, features], false),
            parameter(Slot::TransformBias, &[units, aggregators], true),
            parameter(Slot::DistanceWeight, &[aggregators, features], false),
            parameter(Slot::DistanceBias, &[aggregators], true),
            parameter(Slot::Bias, &[units], true),
        ]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let sizes = self.sizes(cx.input_shape(0));
        let mut stored = |slot, count: usize| -> Option<RawTensor> {
            match cx.node().values.get(slot) {
                Some(_) => cx.store_values(slot).cloned(),
                None => Some(no_bias(count)),
            }
        };
        let pairs = sizes.units * sizes.aggregators;
        let weight = stored(Slot::Weight, pairs * sizes.features)?;
        let transform_bias = stored(Slot::TransformBias, pairs)?;
        let distance_weight = stored(Slot::DistanceWeight, sizes.aggregators * sizes.features)?;
        let distance_bias = stored(Slot::DistanceBias, sizes.aggregators)?;
        let bias = stored(Slot::Bias, sizes.units)?;
        let (x, count) = (cx.input(0), cx.input(1));
        cx.exact(0, x.result().product(weight.format).product(distance_weight.format))?;
        cx.exact(1, count.result().product(bias.format))?;
        let distance = Format::fixed(12, 4).with_overflow(Overflow::Sat);
        let distance = cx.precision(Slot::Distance).format().unwrap_or(distance);
        let Some(index) = index(distance) else {
            let reason = format!("an address has 1 to {MAX_DISTANCE_WIDTH} bits, found {distance}");
            let problem = Problem::Format { layer: cx.node().name.clone(), slot: Slot::Distance, reason };
            cx.fault(Place::Precision(Slot::Distance), problem);
            return None;
        };
        let (distances, before) = ranges::distances(&sizes, x, index, [&distance_weight, &distance_bias]);
        cx.settle_cast_to(Slot::Distance, distance, &before);
        let table = Format::ufixed(10, 0).with_overflow(Overflow::Sat);
        let width = cx.precision(Slot::Table).format().unwrap_or(table).width;
        let reach = reached(index.size(), ranges::stretches(&distances, index));
        let table = cx.store_table(Slot::Table, table, edge_weights(index, width), &|i| reach[i])?.clone();
        let norm = if self.mean_by_nvert { Some(norm(cx, &sizes)?) } else { None };
        let aggregation = Aggregation {
            layer: self,
            sizes,
            x,
            count,
            weight: &weight,
            transform_bias: &transform_bias,
            bias: &bias,
            table: &table,
            norm: norm.as_ref(),
            edges: ranges::edges(&distances, index, &table),
        };
        aggregation.resolve(cx)
    }
}

fn no_vertices(help: Option<String>) -> Unfit {
    let expected = "[vertices, features] with a power of two of vertices".to_owned();
    Unfit::Input { n: 0, expected, help }
}

/// How a distance addresses its table.
fn index(distance: Format) -> Option<BitIndex> {
    BitIndex::new(distance, 1usize.checked_shl(distance.width)?).filter(|i| i.bits() <= MAX_DISTANCE_WIDTH)
}

/// What the sums over so many vertices are multiplied by, for every number of them.
fn norm(cx: &mut NodeCx<'_>, sizes: &Vertices) -> Option<RawTensor> {
    let value = |count: usize| if count == 0 { 0.0 } else { sizes.at_once as f64 / count as f64 };
    let int_bits = sizes.share_bits() + 1;
    let auto = Format::ufixed(int_bits + 10, int_bits as i32).with_overflow(Overflow::Sat);
    let values = (0..=sizes.vertices).map(value).collect();
    cx.store_table(Slot::Norm, auto, values, &|_| true).cloned()
}
