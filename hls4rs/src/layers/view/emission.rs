//! The C++ of layers that move values.

use hls4rs_fixed::view::{Axis, Rule};
use hls4rs_ir::ops::{Broadcast, Cropping, Move, RepeatVector, Resize, Transpose, ZeroPadding};

use super::stream::process;
use crate::hls::{Emit, Expr, Function, Index, LayerCx, Stmt, each};

macro_rules! moves {
    ($($layer:ident: $what:literal,)+) => { $(
        impl Emit for $layer {
            fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
                let axes = self.axes(&cx.x().node.shape);
                Some(cx.function($what, &[], moved(cx, &axes)))
            }

            fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
                let axes = self.axes(&cx.x().node.shape);
                Some(vec![process(cx, $what, &axes)?])
            }
        }
    )+ };
}

moves! {
    ZeroPadding: "zeros around the input.",
    Cropping: "a part of the input.",
    Resize: "the nearest positions of the input.",
    Transpose: "the axes of the input in another order.",
    RepeatVector: "the input several times.",
    Broadcast: "the input repeated along axes.",
}

/// Fills the result from the input.
fn moved(cx: &LayerCx<'_>, axes: &[Axis]) -> Vec<Stmt> {
    let assign = |to: Index, value: Expr| Stmt::assign("y", [to], cx.result.clone(), value);
    let mut body = Vec::new();
    if axes.iter().any(|axis| matches!(axis.rule, Rule::Padded(_)) && axis.output > axis.input) {
        let zero = assign(Index::var("i"), Expr::whole(0));
        body.push(Stmt::unrolled("i", cx.len(), vec![zero]));
    }
    body.extend(nest(axes, 0, (Index::At(0), Index::At(0)), &|to, from| {
        vec![assign(to, Expr::element("x", cx.x().ty.format, [from]))]
    }));
    body
}

/// Loops over all axes from `at` on; `to` and `from` are the indices of the axes before.
fn nest(
    axes: &[Axis],
    at: usize,
    (to, from): (Index, Index),
    body: &dyn Fn(Index, Index) -> Vec<Stmt>,
) -> Vec<Stmt> {
    let Some(axis) = axes.get(at) else { return body(to, from) };
    let inner: usize = axes[at + 1..].iter().map(|axis| axis.output).product();
    let step = |output: Index, input: Index| {
        let to = to.clone().plus(output.times(inner));
        let from = from.clone().plus(input.times(axis.stride));
        nest(axes, at + 1, (to, from), body)
    };
    let var = variable(at);
    let shifted = |index: Index, by: usize| index.plus(Index::At(by));
    match axis.rule {
        Rule::Padded(before) => each(&var, axis.input, |i| step(shifted(i.clone(), before), i)),
        Rule::Cropped(before) => each(&var, axis.output, |i| step(i.clone(), shifted(i, before))),
        Rule::Nearest => match whole_factor(axis) {
            Some(factor) => each(&var, axis.input, |i| {
                each(&format!("{var}_again"), factor, |k| step(i.clone().times(factor).plus(k), i))
            }),
            None => nearest(axis, &var, &step),
        },
    }
}

fn variable(at: usize) -> String {
    let names = ["i", "j", "k", "l"];
    names.get(at).map_or_else(|| format!("i{at}"), |name| (*name).to_owned())
}

/// How often every position is repeated, if it is equally often.
pub(super) fn whole_factor(axis: &Axis) -> Option<usize> {
    let factor = axis.output / axis.input;
    let even = factor > 0 && (0..axis.output).all(|i| axis.position(i) == Some(i / factor));
    even.then_some(factor)
}

/// Positions by their ratio; behind those that the ratio leads beyond the end, the last.
fn nearest(axis: &Axis, var: &str, step: &dyn Fn(Index, Index) -> Vec<Stmt>) -> Vec<Stmt> {
    let unlimited = |i: usize| (i as u64 * axis.ratio()) >> Axis::RATIO_BITS;
    let inside = (0..axis.output).take_while(|&i| unlimited(i) < axis.input as u64).count();
    // Below 2^14 positions the product stays within 31 bits.
    let ratio = usize::try_from(axis.ratio()).expect("an axis is short");
    let mut body = each(var, inside, |i| {
        let input = match &i {
            Index::At(_) => Index::At(0),
            i => Index::Quotient(Box::new(i.clone().times(ratio)), 1 << Axis::RATIO_BITS),
        };
        step(i, input)
    });
    if inside < axis.output {
        let last = Index::At(axis.input - 1);
        body.extend(each(var, axis.output - inside, |i| step(i.plus(Index::At(inside)), last)));
    }
    body
}

/// The element of an operand that is spread over the axes of a result, at indices of the result.
pub(crate) fn spread(axes: &[Axis], at: &[Index]) -> Index {
    let step = |(axis, index): (&Axis, &Index)| index.clone().times(axis.stride);
    axes.iter().zip(at).map(step).fold(Index::At(0), Index::plus)
}

/// Loops over all elements of a result; the body gets the indices of its axes and the flat index.
pub(crate) fn over(extents: &[usize], body: impl FnOnce(&[Index], Index) -> Vec<Stmt>) -> Vec<Stmt> {
    let index = |(at, &extent): (usize, &usize)| match extent {
        1 => Index::At(0),
        _ => Index::Var(variable(at)),
    };
    let indices: Vec<_> = extents.iter().enumerate().map(index).collect();
    let inner = |at: usize| extents[at + 1..].iter().product::<usize>();
    let flat = indices.iter().enumerate().map(|(at, index)| index.clone().times(inner(at)));
    let flat = flat.fold(Index::At(0), Index::plus);
    let looped = |body, (at, &extent): (usize, &usize)| match extent {
        1 => body,
        _ => vec![Stmt::unrolled(&variable(at), extent, body)],
    };
    extents.iter().enumerate().rev().fold(body(&indices, flat), looped)
}
