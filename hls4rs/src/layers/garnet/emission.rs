//! The C++ of graph layers: rounds of vertices, then what the aggregators hand on.

use hls4rs_fixed::vertices::Vertices;
use hls4rs_fixed::{Format, Overflow, Rounding, Wide};
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{Collapse, Garnet};

use crate::hls::{
    Array, Condition, Constant, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage, Type,
};

/// The variables of the loops.
const AGGREGATOR: &str = "j";
const FEATURE: &str = "f";
const UNIT: &str = "u";
const VERTEX: &str = "v";
const ROUND: &str = "round";

/// Types and constants.
struct Parts {
    sizes: Vertices,
    collapse: Collapse,
    x: Type,
    result: Type,
    distance: Type,
    edge: Type,
    accum: Type,
    weight: Constant,
    distance_weight: Constant,
    table: Constant,
    transform_bias: Option<Constant>,
    distance_bias: Option<Constant>,
    bias: Option<Constant>,
    norm: Option<Constant>,
    scaled_bias: Option<Type>,
}

impl Emit for Garnet {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let sizes = self.sizes(&cx.x().node.shape);
        let parts = Parts::new(self, cx, sizes);
        let what = format!(
            "{} vertices, {} at once, {} aggregators, {} to {} features.",
            sizes.vertices, sizes.at_once, sizes.aggregators, sizes.features, sizes.units
        );
        let mut body = parts.count(cx);
        body.extend(parts.sums());
        body.extend(parts.means());
        body.push(parts.handed());
        match self.collapse {
            Collapse::Mean => body.extend(parts.mean(cx)),
            Collapse::None => body.push(parts.each()),
        }
        let optional = [&parts.transform_bias, &parts.distance_bias, &parts.bias, &parts.norm];
        let mut reads = vec![&parts.weight, &parts.distance_weight, &parts.table];
        reads.extend(optional.into_iter().flatten());
        let function = cx.function(&what, &reads, body);
        let interval = function.interval.filter(|_| sizes.rounds() == 1);
        Some(Function { interval, ..function })
    }
}

fn at(name: &str, ty: &Type, index: Index) -> Expr {
    Expr::element(name, ty.format, [index])
}

fn var(name: &str) -> Index {
    Index::var(name)
}

fn array(name: &str, ty: &Type, len: usize) -> Stmt {
    Stmt::Array(Array::registers(name, ty.clone(), len))
}

fn zeros(name: &str, ty: &Type, len: usize) -> [Stmt; 2] {
    let zero = Stmt::assign(name, [var("i")], ty.clone(), Expr::whole(0));
    [array(name, ty, len), Stmt::unrolled("i", len, vec![zero])]
}

/// Divided by a power of two in the same unit.
fn shifted(x: Expr, bits: u32) -> Expr {
    if bits == 0 {
        return x;
    }
    let plain = Format { rounding: Rounding::Trn, overflow: Overflow::Wrap(0), ..x.format };
    x.times(Expr::tight(Wide::ONE, bits as i32)).cast(plain)
}

impl Parts {
    fn new(layer: &Garnet, cx: &mut LayerCx<'_>, sizes: Vertices) -> Self {
        let optional = |cx: &mut LayerCx<'_>, slot, doc| {
            cx.stored(slot).map(|_| cx.constant(slot, Storage::Registers, doc))
        };
        let pairs = vec![sizes.units * sizes.aggregators, sizes.features];
        let weight = cx.facts.constant(Slot::Weight).raw.clone();
        let scales_bias = layer.collapse == Collapse::Mean && !layer.mean_by_nvert;
        Self {
            sizes,
            collapse: layer.collapse,
            x: cx.x().ty.clone(),
            result: cx.result.clone(),
            distance: cx.ty(Slot::Distance, "distance to an aggregator"),
            edge: cx.ty(Slot::EdgeAccum, "sum of edge weights"),
            accum: cx.ty(Slot::Accum, "sum of features, and what aggregators hand on"),
            weight: cx.arranged(
                Slot::Weight,
                pairs,
                weight,
                Storage::Registers,
                "weight of what aggregators hand on",
            ),
            distance_weight: cx.constant(Slot::DistanceWeight, Storage::Registers, "weight of distances"),
            table: cx.constant(Slot::Table, Storage::Rom, "edge weight for every distance"),
            transform_bias: optional(cx, Slot::TransformBias, "constant of what aggregators hand on"),
            distance_bias: optional(cx, Slot::DistanceBias, "constant of distances"),
            bias: optional(cx, Slot::Bias, "bias"),
            norm: cx.stored(Slot::Norm).map(|_| {
                cx.constant(Slot::Norm, Storage::Rom, "factor of sums for every number of vertices")
            }),
            scaled_bias: scales_bias.then(|| cx.ty(Slot::ScaledBias, "bias in proportion to the vertices")),
        }
    }

    /// An element of a row of the constant `[…, columns]`, or zero.
    fn constant(constant: &Option<Constant>, at: impl IntoIterator<Item = Index>) -> Expr {
        constant.as_ref().map_or(Expr::whole(0), |constant| constant.at(at))
    }

    /// The number of vertices as a counter.
    fn count(&self, cx: &LayerCx<'_>) -> Vec<Stmt> {
        let (name, count) = (cx.operand_name(1), cx.inputs[1].ty.format);
        let whole = crate::hls::whole_format(count, 0);
        let floor = Format { rounding: Rounding::Trn, ..whole };
        let number = Expr::element(&name, count, [Index::At(0)]).cast(floor);
        let value = Index::clamped(&Expr::var("number", floor), self.sizes.vertices);
        vec![
            Stmt::bind("number", floor.into(), number),
            Stmt::Counter { name: "count".to_owned(), value: 0 },
            Stmt::Count { name: "count".to_owned(), value },
        ]
    }

    fn aggregators(&self, body: Vec<Stmt>) -> Stmt {
        Stmt::unrolled(AGGREGATOR, self.sizes.aggregators, body)
    }

    fn features(&self, body: Vec<Stmt>) -> Stmt {
        Stmt::unrolled(FEATURE, self.sizes.features, body)
    }

    /// Feature `f` of aggregator `a`.
    fn feature(&self) -> Index {
        var(AGGREGATOR).times(self.sizes.features).plus(var(FEATURE))
    }

    /// Sums over the rounds, each divided by its number of vertices.
    fn sums(&self) -> Vec<Stmt> {
        let Vertices { aggregators, features, vertices, .. } = self.sizes;
        let mut body = zeros("edge_sum", &self.edge, aggregators).to_vec();
        body.extend(zeros("feature_sum", &self.accum, aggregators * features));
        if self.collapse == Collapse::None {
            body.push(array("edges", &self.table.ty, vertices * aggregators));
        }
        let rounds = self.sizes.rounds();
        let hint = if rounds == 1 { LoopHint::Unroll } else { LoopHint::Pipeline { ii: 1 } };
        body.push(Stmt::repeated(ROUND, rounds, Some(hint), self.round()));
        body
    }

    fn round(&self) -> Vec<Stmt> {
        let Vertices { aggregators, features, at_once, .. } = self.sizes;
        let mut body = zeros("edge_part", &self.edge, aggregators).to_vec();
        body.extend(zeros("feature_part", &self.accum, aggregators * features));
        let there = Condition::Below(self.vertex(), var("count"));
        let vertex = vec![Stmt::If { condition: there, body: vec![self.aggregators(self.edges())] }];
        body.push(Stmt::unrolled(VERTEX, at_once, vertex));
        let share = self.sizes.share_bits();
        let add = |total: &str, part: &str, ty: &Type, index: Index| {
            let sum = at(total, ty, index.clone()).plus(shifted(at(part, ty, index.clone()), share));
            Stmt::assign(total, [index], ty.clone(), sum.cast(ty.clone()))
        };
        body.push(self.aggregators(vec![
            add("edge_sum", "edge_part", &self.edge, var(AGGREGATOR)),
            self.features(vec![add("feature_sum", "feature_part", &self.accum, self.feature())]),
        ]));
        body
    }

    /// The vertex of a step of a round.
    fn vertex(&self) -> Index {
        let first =
            if self.sizes.rounds() == 1 { Index::At(0) } else { var(ROUND).times(self.sizes.at_once) };
        first.plus(var(VERTEX))
    }

    /// The edge from a vertex to an aggregator, and what it adds to the sums.
    fn edges(&self) -> Vec<Stmt> {
        let x = || at("a", &self.x, self.vertex().times(self.sizes.features).plus(var(FEATURE)));
        let distance = Expr::var("distance", self.distance.format);
        let (ty, accum) = (|| self.distance.clone(), || self.accum.clone());
        let term = x().times(self.distance_weight.at([var(AGGREGATOR), var(FEATURE)])).cast(ty());
        let next = distance.clone().plus(term).cast(ty());
        let start = Self::constant(&self.distance_bias, [var(AGGREGATOR)]);
        let entry = Index::TopBits(self.distance.format.width, Box::new(distance));
        let edge = || Expr::var("edge", self.table.ty.format);
        let edge_sum = at("edge_part", &self.edge, var(AGGREGATOR)).plus(edge()).cast(self.edge.clone());
        let sum =
            at("feature_part", &self.accum, self.feature()).plus(x().times(edge()).cast(self.x.clone()));
        let mut body = vec![
            Stmt::Var { name: "distance".to_owned(), ty: ty(), value: start },
            self.features(vec![Stmt::assign("distance", [], ty(), next)]),
            Stmt::bind("edge", self.table.ty.clone(), self.table.at([entry])),
            Stmt::assign("edge_part", [var(AGGREGATOR)], self.edge.clone(), edge_sum),
            self.features(vec![Stmt::assign("feature_part", [self.feature()], accum(), sum.cast(accum()))]),
        ];
        if self.collapse == Collapse::None {
            let index = self.vertex().times(self.sizes.aggregators).plus(var(AGGREGATOR));
            body.push(Stmt::assign("edges", [index], self.table.ty.clone(), edge()));
        }
        body
    }

    /// From sums to means.
    fn means(&self) -> Vec<Stmt> {
        let scaled = |sum: Expr| match &self.norm {
            Some(norm) => sum.times(norm.at([var("count")])),
            None => shifted(sum, self.sizes.round_bits()),
        };
        let edge = scaled(at("edge_sum", &self.edge, var(AGGREGATOR))).cast(self.table.ty.clone());
        let feature = scaled(at("feature_sum", &self.accum, self.feature())).cast(self.accum.clone());
        vec![
            array("edge_mean", &self.table.ty, self.sizes.aggregators),
            self.aggregators(vec![
                Stmt::assign("edge_mean", [var(AGGREGATOR)], self.table.ty.clone(), edge),
                self.features(vec![Stmt::assign(
                    "feature_sum",
                    [self.feature()],
                    self.accum.clone(),
                    feature,
                )]),
            ]),
            array("handed", &self.accum, self.sizes.units * self.sizes.aggregators),
        ]
    }

    /// Unit `u` of aggregator `a`.
    fn unit(&self) -> Index {
        var(UNIT).times(self.sizes.aggregators).plus(var(AGGREGATOR))
    }

    /// What the aggregators hand on.
    fn handed(&self) -> Stmt {
        let accum = || self.accum.clone();
        let bias = Self::constant(&self.transform_bias, [var(UNIT), var(AGGREGATOR)]);
        let start = at("edge_mean", &self.table.ty, var(AGGREGATOR)).times(bias).cast(accum());
        let weight = self.weight.at([self.unit(), var(FEATURE)]);
        let term = at("feature_sum", &self.accum, self.feature()).times(weight);
        let next = Expr::var("sum", self.accum.format).plus(term).cast(accum());
        let body = vec![
            Stmt::Var { name: "sum".to_owned(), ty: accum(), value: start },
            self.features(vec![Stmt::assign("sum", [], accum(), next)]),
            Stmt::assign("handed", [self.unit()], accum(), Expr::var("sum", self.accum.format)),
        ];
        Stmt::unrolled(UNIT, self.sizes.units, vec![self.aggregators(body)])
    }

    /// A unit of the result: `start`, then a term for every aggregator.
    fn result(&self, before: Vec<Stmt>, start: Expr, term: Expr, to: Index) -> Stmt {
        let result = || self.result.clone();
        let sum = || Expr::var("sum", self.result.format);
        let mut body = before;
        body.extend([
            Stmt::Var { name: "sum".to_owned(), ty: result(), value: start },
            self.aggregators(vec![Stmt::assign("sum", [], result(), sum().plus(term).cast(result()))]),
            Stmt::assign("y", [to], result(), sum()),
        ]);
        Stmt::unrolled(UNIT, self.sizes.units, body)
    }

    /// The mean of the results of all vertices.
    fn mean(&self, cx: &LayerCx<'_>) -> Vec<Stmt> {
        let bias = Self::constant(&self.bias, [var(UNIT)]);
        let term =
            at("edge_mean", &self.table.ty, var(AGGREGATOR)).times(at("handed", &self.accum, self.unit()));
        let Some(scaled) = &self.scaled_bias else {
            return vec![self.result(Vec::new(), bias, term, var(UNIT))];
        };
        let count = Expr::element(&cx.operand_name(1), cx.inputs[1].ty.format, [Index::At(0)]);
        let accum = || self.accum.clone();
        let all = bias.cast(accum()).times(count).cast(accum());
        let before = vec![Stmt::bind("scaled", accum(), shifted(all, self.sizes.vertex_bits()))];
        let start = Expr::var("scaled", self.accum.format).cast(scaled.clone());
        vec![self.result(before, start, term, var(UNIT))]
    }

    /// The result of every vertex, zero where there is none.
    fn each(&self) -> Stmt {
        let Vertices { vertices, units, aggregators, .. } = self.sizes;
        let to = || var(VERTEX).times(units).plus(var(UNIT));
        let edge = at("edges", &self.table.ty, var(VERTEX).times(aggregators).plus(var(AGGREGATOR)));
        let term = edge.times(at("handed", &self.accum, self.unit())).cast(self.result.clone());
        let zero = Stmt::assign("y", [to()], self.result.clone(), Expr::whole(0));
        let bias = Self::constant(&self.bias, [var(UNIT)]);
        let there = Condition::Below(var(VERTEX), var("count"));
        let body = vec![
            Stmt::unrolled(UNIT, units, vec![zero]),
            Stmt::If { condition: there, body: vec![self.result(Vec::new(), bias, term, to())] },
        ];
        Stmt::unrolled(VERTEX, vertices, body)
    }
}
