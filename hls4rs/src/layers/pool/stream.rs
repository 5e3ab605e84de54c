//! Pooling between streams: word by word, where windows do not overlap.

use hls4rs_fixed::Overflow;
use hls4rs_fixed::window::Window;
use hls4rs_ir::Slot;
use hls4rs_ir::ops::PoolOp;

use super::emission::{Pooling, quotient};
use crate::hls::{
    Array, Comparison, Condition, Expr, Function, Index, LayerCx, LineBuffer, LoopHint, Stmt, each,
    joined_as_tree, repeat,
};

/// Whether pooling can go word by word: windows do not overlap or reach beyond the input, and the order in which values
/// are joined does not matter.
pub(super) fn goes_by_word(op: PoolOp, window: &Window, cx: &LayerCx<'_>) -> bool {
    let apart = |axis: usize| {
        let inside = window.output[axis] * span(window, axis) <= window.input[axis];
        let padded = window.before[axis] > 0 || window.after(axis) > 0;
        span(window, axis) >= window.kernel[axis] && inside && !padded
    };
    let accum = cx.facts.format(Slot::Accum);
    let fits = || cx.facts.accumulation.is_none_or(|sums| sums.partial.fits(accum));
    let in_any_order = op == PoolOp::Max || accum.overflow == Overflow::Wrap(0) || fits();
    apart(0) && apart(1) && in_any_order && cx.goes_by_position()
}

/// Positions from one window to the next; a single one takes as many as it covers.
fn span(window: &Window, axis: usize) -> usize {
    if window.output[axis] == 1 { window.kernel[axis] } else { window.stride[axis] }
}

impl Pooling {
    /// A process that keeps a value for every window of a row of them, and writes it with the last of its positions.
    pub(super) fn process(&self, cx: &mut LayerCx<'_>, what: &str) -> Option<Function> {
        let window = &self.window;
        let span = [0, 1].map(|axis| span(window, axis));
        let rest = [0, 1].map(|axis| window.input[axis] - window.output[axis] * span[axis]);
        let (x, y) = (cx.x_stream()?, cx.y_stream());
        let read = || {
            let [stream, name] = ["x", "x_word"].map(str::to_owned);
            Stmt::ReadWord { stream, word: x.word.clone(), name }
        };
        let held = window.output[1] * self.channels;
        let mut body = vec![Stmt::Array(Array::registers("held", self.accum.clone(), held))];
        body.extend(repeat("row", window.output[0], |_| {
            repeat("i", span[0], |i| {
                let mut line = repeat("column", window.output[1], |column| {
                    repeat("j", span[1], |j| {
                        let mut body = vec![read()];
                        body.extend(self.position(&i, &j, &column, &y.word));
                        body
                    })
                });
                line.extend(skip(rest[1], &read));
                line
            })
        }));
        body.extend(skip(rest[0] * window.input[1], &read));
        Some(cx.process(what, x.clone(), y, body))
    }

    /// A process that keeps the last lines of the input.
    pub(super) fn buffered(&self, cx: &mut LayerCx<'_>, what: &str) -> Option<Function> {
        let (x, y) = (cx.x_stream()?, cx.y_stream());
        let (taps, ty) = (self.window.taps(), || self.accum.clone());
        let value = |at: Index| Expr::element("value", self.accum.format, [at]);
        let mut write = vec![Stmt::Word { word: y.word.clone(), name: "y_word".to_owned() }];
        write.extend(each("channel", self.channels, |channel| {
            let part = Index::var("i").times(self.channels).plus(channel.clone());
            let cast = Stmt::assign("value", [Index::var("i")], ty(), Expr::element("part", self.x, [part]));
            let mut body = vec![
                Stmt::Array(Array::registers("value", ty(), taps)),
                Stmt::unrolled("i", taps, vec![cast]),
            ];
            body.extend(joined_as_tree("value", &self.accum, taps, |a, b| match self.op {
                PoolOp::Max => {
                    let first = a.clone().compare(Comparison::AtLeast, b.clone());
                    Expr::select(ty(), first, a, b)
                }
                PoolOp::Average => a.plus(b).cast(ty()),
            }));
            let joined = value(Index::At(0));
            let result = match self.op {
                PoolOp::Max => joined,
                PoolOp::Average => quotient(joined, taps),
            };
            body.push(Stmt::assign("y_word.data", [channel], self.result.clone(), result));
            body
        }));
        write.push(Stmt::WriteWord { stream: "y".to_owned(), name: "y_word".to_owned() });
        let lines = LineBuffer { window: self.window, stream: &x, ty: cx.x().ty.clone(), interval: Some(1) };
        let body = lines.emit(write);
        Some(cx.process(what, x, y, body))
    }

    /// What becomes of the word at a position of a window.
    fn position(&self, i: &Index, j: &Index, column: &Index, y_word: &str) -> Vec<Stmt> {
        let kernel = self.window.kernel;
        let at = |tap: [usize; 2]| {
            let variable = [i, j].into_iter().zip(tap).filter(|(index, _)| !matches!(index, Index::At(_)));
            Condition::all(variable.map(|(index, tap)| Condition::Same(index.clone(), Index::At(tap))))
        };
        let place = |c: Index| column.clone().times(self.channels).plus(c);
        let held = |c: Index| Expr::element("held", self.accum.format, [place(c)]);
        let value = || Expr::var("value", self.accum.format);
        let mut body = each("c", self.channels, |c| {
            let x = Expr::element("x_word.data", self.x, [c.clone()]);
            let keep = |value: Expr| Stmt::assign("held", [place(c.clone())], self.accum.clone(), value);
            let join = match (self.op, at([0, 0])) {
                (_, None) => keep(value()),
                (PoolOp::Max, Some(first)) => {
                    let greater = value().compare(Comparison::Greater, held(c.clone()));
                    Stmt::If { condition: first.or(greater), body: vec![keep(value())] }
                }
                (PoolOp::Average, Some(first)) => {
                    let sum = held(c.clone()).plus(value()).cast(self.accum.clone());
                    keep(Expr::select(self.accum.clone(), first, value(), sum))
                }
            };
            vec![Stmt::bind("value", self.accum.clone(), x), join]
        });
        let mut write = vec![Stmt::Word { word: y_word.to_owned(), name: "y_word".to_owned() }];
        write.extend(each("c", self.channels, |c| {
            let value = match self.op {
                PoolOp::Max => held(c.clone()),
                PoolOp::Average => quotient(held(c.clone()), self.window.taps()),
            };
            vec![Stmt::assign("y_word.data", [c], self.result.clone(), value)]
        }));
        write.push(Stmt::WriteWord { stream: "y".to_owned(), name: "y_word".to_owned() });
        match at([kernel[0] - 1, kernel[1] - 1]) {
            Some(condition) => body.push(Stmt::If { condition, body: write }),
            None => body.extend(write),
        }
        let covered =
            [(i, 0), (j, 1)].into_iter().filter(|&(_, axis)| kernel[axis] < span(&self.window, axis));
        let covered = covered.map(|(index, axis)| Condition::Below(index.clone(), Index::At(kernel[axis])));
        match Condition::all(covered) {
            Some(condition) => vec![Stmt::If { condition, body }],
            None => body,
        }
    }
}

/// Words that no window reads.
fn skip(count: usize, read: &impl Fn() -> Stmt) -> Vec<Stmt> {
    // A loop even for a single one, which keeps its word to itself.
    let hint = Some(LoopHint::Flush { ii: 1 });
    if count == 0 { Vec::new() } else { vec![Stmt::repeated("rest", count, hint, vec![read()])] }
}
