//! A layer that hls4rs does not have: its rules, its arithmetic, its C++.

use hls4rs::custom::{CustomLayer, Kernel, KernelCx, Layer, Rows, RowsMut};
use hls4rs::fixed::{Cast, Format};
use hls4rs::hls::{Expr, Function, Index, LayerCx, Stmt};
use hls4rs::ir::Shape;
use hls4rs::ir::attr::{Attr, AttrRef};
use hls4rs::ir::ops::Unfit;
use hls4rs::ir::range::{Interval, Ranges};
use hls4rs::ir::resolve::{Done, NodeCx};

/// Squared distances between all pairs of points: `ΔR² = Δη² + Δφ²`.
///
/// `[n, 2]` becomes `[n, n]`. One of the two coordinates is an angle in half turns, from -1 to 1: the difference of two
/// angles is brought back into that interval by letting it wrap. Points have at most 30 bits.
#[derive(Clone, Debug)]
pub struct DeltaR2 {
    /// Which coordinate is the angle, 0 or 1.
    pub angle: usize,
}

/// The difference of two angles: one integer bit, so that it wraps after a whole turn.
fn turn(x: Format) -> Format {
    let frac_bits = x.frac_bits();
    Format::fixed((frac_bits + 1).unsigned_abs(), 1)
}

impl Layer for DeltaR2 {
    fn keyword(&self) -> &'static str {
        "delta_r2"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Count(&mut self.angle);
        vec![Attr { name: "angle", doc: "Which coordinate is the angle, 0 or 1.", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if self.angle > 1 {
            let (expected, found) = ("0 or 1".to_owned(), self.angle.to_string());
            return Err(Unfit::Attr { name: "angle", expected, found });
        }
        match **inputs[0] {
            [n, 2] => Ok(Shape::new(&[n, n]).expect("as many elements as a shape may have")),
            _ => Err(Unfit::Input { n: 0, expected: "points of shape [n, 2]".to_owned(), help: None }),
        }
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = &cx.input(0).range;
        let turn = Interval::of_format(turn(cx.input(0).result()));
        let square = |i: usize, j: usize, coordinate: usize| {
            if i == j {
                return Interval::point(hls4rs::fixed::Wide::ZERO);
            }
            let difference = x.elements[2 * i + coordinate].difference(x.elements[2 * j + coordinate]);
            let wraps = coordinate == self.angle && (difference.lo < turn.lo || difference.hi > turn.hi);
            if wraps { turn.square() } else { difference.square() }
        };
        let n = cx.input_shape(0)[0];
        let pairs = (0..n * n).map(|at| square(at / n, at % n, 0).sum(square(at / n, at % n, 1)));
        let range = Ranges { frac_bits: 2 * x.frac_bits, elements: pairs.collect() };
        Some(cx.settle_result(&range).into())
    }
}

impl Kernel for DeltaR2 {
    fn compute(&self, cx: &KernelCx<'_>, x: &[Rows<'_>], y: &mut RowsMut<'_>) {
        let (x, port) = (x[0], cx.inputs[0]);
        let (point, n) = (port.format, port.shape[0]);
        let wrap = Cast::new(point.difference(point), turn(point));
        let squares = point.difference(point).product(point.difference(point));
        let cast = Cast::new(squares.sum(squares), cx.result.format);
        for (i, j) in (0..n * n).map(|at| (at / n, at % n)) {
            let (angle, other) = (self.angle, 1 - self.angle);
            let (angles, others) =
                ([x.row(2 * i + angle), x.row(2 * j + angle)], [x.row(2 * i + other), x.row(2 * j + other)]);
            for (at, y) in y.row_mut(n * i + j).iter_mut().enumerate() {
                let phi = wrap.i64(angles[0][at] - angles[1][at]);
                let eta = others[0][at] - others[1][at];
                *y = cast.i64(phi * phi + eta * eta);
            }
        }
    }
}

impl CustomLayer for DeltaR2 {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let n = cx.inputs[0].node.shape[0];
        let point = cx.inputs[0].ty.format;
        let difference = |coordinate: usize| {
            let at = |of: &str| Index::var(of).times(2).plus(Index::At(coordinate));
            cx.read(0, at("i")).minus(cx.read(0, at("j")))
        };
        let (phi, eta) = (difference(self.angle).cast(turn(point)), difference(1 - self.angle));
        let square = |name: &str, format| Expr::var(name, format).times(Expr::var(name, format));
        let sum = square("d_phi", phi.format).plus(square("d_eta", eta.format));
        let body = vec![
            Stmt::bind("d_phi", phi.format.into(), phi),
            Stmt::bind("d_eta", eta.format.into(), eta),
            cx.write(Index::var("i").times(n).plus(Index::var("j")), sum),
        ];
        let body = Stmt::unrolled("i", n, vec![Stmt::unrolled("j", n, body)]);
        let function = cx.function(&format!("squared distances of {n} points."), &[], vec![body]);
        // The table is symmetric, its diagonal zero: a compiler builds half of the pairs.
        Some(function.with_multipliers(n * (n - 1)))
    }
}

/// What a saved graph calls the layer, and the layer: for [`Graph::from_json_with`](hls4rs::ir::Graph::from_json_with).
pub fn definition(_: &str, layer: &str) -> Option<Box<dyn hls4rs::ir::ops::Definition>> {
    (layer == "delta_r2").then(|| hls4rs::custom::define(DeltaR2 { angle: 1 }))
}
