//! The C++ of tensor products: loops over the axes of the result, and inside over those that are summed.

use hls4rs_fixed::contraction::Axis;
use hls4rs_ir::Slot;
use hls4rs_ir::ops::Axes;

use crate::hls::{Constant, Expr, Function, Index, LayerCx, Stmt, Type};

/// A loop over an axis; axes of one step have none.
struct Loop {
    axis: Axis,
    var: String,
}

fn loops(axes: &[Axis], name: &str) -> Vec<Loop> {
    let named = axes.iter().enumerate().map(|(n, &axis)| Loop { axis, var: format!("{name}{n}") });
    named.filter(|l| l.axis.extent > 1).collect()
}

fn nest(loops: &[Loop], body: Vec<Stmt>) -> Vec<Stmt> {
    loops.iter().rev().fold(body, |body, l| vec![Stmt::unrolled(&l.var, l.axis.extent, body)])
}

fn position<'a>(loops: impl Iterator<Item = &'a Loop>, step: impl Fn(&Axis) -> usize) -> Index {
    loops.fold(Index::At(0), |sum, l| sum.plus(Index::var(&l.var).times(step(&l.axis))))
}

/// What a tensor product is made of besides its axes.
pub(crate) struct Parts<'a> {
    pub(crate) what: &'a str,
    /// An element of the first and of the second operand.
    pub(crate) read: &'a dyn Fn(Index, Index) -> (Expr, Expr),
    /// What the sum at a position of the result starts from.
    pub(crate) start: &'a dyn Fn(Index) -> Expr,
    /// Whether products are cast before they are added.
    pub(crate) cast_products: bool,
    pub(crate) reads: Vec<&'a Constant>,
    /// Products with a factor that is always zero.
    pub(crate) zeros: usize,
}

pub(crate) fn function(cx: &LayerCx<'_>, accum: &Type, axes: &Axes, parts: &Parts<'_>) -> Function {
    let (outer, inner) = (loops(&axes.outer, "i"), loops(&axes.inner, "k"));
    let all = || outer.iter().chain(&inner);
    let (a, b) = (parts.read)(position(all(), |axis| axis.a), position(all(), |axis| axis.b));
    // Row major in the axes of the result.
    let mut y = Index::At(0);
    let mut step = cx.len();
    for l in &outer {
        step /= l.axis.extent;
        y = y.plus(Index::var(&l.var).times(step));
    }
    let sum = || Expr::var("sum", accum.format);
    let product = a.times(b);
    let product = if parts.cast_products { product.cast(accum.clone()) } else { product };
    let add = Stmt::assign("sum", [], accum.clone(), sum().plus(product).cast(accum.clone()));
    let mut body =
        vec![Stmt::Var { name: "sum".to_owned(), ty: accum.clone(), value: (parts.start)(y.clone()) }];
    body.extend(nest(&inner, vec![add]));
    body.push(Stmt::assign("y", [y], cx.result.clone(), sum()));
    let geometry = axes.contraction();
    let reuse_factor = cx.node.reuse_factor;
    let multiplications = geometry.outputs() * geometry.products() - parts.zeros;
    let function = cx.function(parts.what, &parts.reads, nest(&outer, body));
    let multipliers = Some(multiplications.div_ceil(reuse_factor).max(1));
    Function { interval: Some(reuse_factor), multipliers, ..function }
}

/// The type of the running sum.
pub(crate) fn accum(cx: &mut LayerCx<'_>) -> Type {
    cx.ty(Slot::Accum, "running sum")
}
