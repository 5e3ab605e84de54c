//! The C++ of pooling.

use hls4rs_fixed::window::{Order, Window};
use hls4rs_fixed::{Format, Overflow, Rounding, Wide};
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{GlobalPool, Pool, PoolOp, pool_order};

use super::stream::goes_by_word;
use crate::hls::{Array, Comparison, Emit, Expr, Function, Index, LayerCx, Stmt, Type, each, joined_as_tree};

impl Emit for Pool {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let (pooling, what) = windows(self, cx)?;
        Some(cx.function(&what, &[], pooling.everywhere()))
    }

    fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        let window = self.window(&cx.x().node.shape).ok()?;
        if goes_by_word(self.op, &window, cx) {
            let (pooling, what) = windows(self, cx)?;
            return Some(vec![pooling.process(cx, &what)?]);
        }
        // Lines are padded with zeros, which are no values here, and nothing beside them in a mean that counts them.
        let padded = (0..2).any(|axis| window.before[axis] > 0 || window.after(axis) > 0);
        let counted = self.op == PoolOp::Average && self.count_pad;
        if padded && !counted || !cx.goes_by_position() {
            return None;
        }
        let (pooling, what) = windows(self, cx)?;
        Some(vec![pooling.buffered(cx, &what)?])
    }
}

impl Emit for GlobalPool {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let (pooling, what) = everything(self, cx);
        Some(cx.function(what, &[], pooling.everywhere()))
    }

    fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        if !goes_by_word(self.op, &Self::window(&cx.x().node.shape), cx) {
            return None;
        }
        let (pooling, what) = everything(self, cx);
        Some(vec![pooling.process(cx, what)?])
    }
}

/// Pooling over windows, and what it is in words.
fn windows(pool: &Pool, cx: &mut LayerCx<'_>) -> Option<(Pooling, String)> {
    // The same that `shape` has accepted.
    let window = pool.window(&cx.x().node.shape).ok()?;
    let pooling = Pooling::new(cx, pool.op, window, pool.count_pad, pool_order(cx.io));
    let [rows, columns] = window.kernel;
    let extents = if pool.image { format!("{rows} by {columns}") } else { columns.to_string() };
    let what = match pool.op {
        PoolOp::Max => format!("largest under windows of {extents}."),
        PoolOp::Average => format!("mean under windows of {extents}."),
    };
    Some((pooling, what))
}

/// Pooling over all positions, and what it is in words.
fn everything(pool: &GlobalPool, cx: &mut LayerCx<'_>) -> (Pooling, &'static str) {
    let window = GlobalPool::window(&cx.x().node.shape);
    let pooling = Pooling::new(cx, pool.op, window, false, GlobalPool::order(cx.io));
    let what = match pool.op {
        PoolOp::Max => "largest of all positions.",
        PoolOp::Average => "mean of all positions.",
    };
    (pooling, what)
}

/// Pooling with its types.
pub(super) struct Pooling {
    pub(super) op: PoolOp,
    pub(super) window: Window,
    pub(super) channels: usize,
    count_pad: bool,
    order: Order,
    pub(super) x: Format,
    pub(super) accum: Type,
    pub(super) result: Type,
}

/// Neighbouring windows along an axis that cover the same taps.
#[derive(Clone, Copy)]
struct Stretch {
    /// The first of the windows.
    first: usize,
    /// How many they are.
    count: usize,
    /// The first tap on the input.
    tap: usize,
    /// How many taps there are on the input.
    taps: usize,
    /// The position under the first tap of the first window.
    position: usize,
}

/// All windows along an axis.
fn stretches(window: &Window, axis: usize) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for output in 0..window.output[axis] {
        let covered = (0..window.kernel[axis]).filter(|&tap| window.along(axis, output, tap).is_some());
        let (tap, taps) = (covered.clone().next().unwrap_or(0), covered.count());
        match all.last_mut() {
            Some(last) if (last.tap, last.taps) == (tap, taps) => last.count += 1,
            _ => {
                let position = window.along(axis, output, tap).unwrap_or(0);
                all.push(Stretch { first: output, count: 1, tap, taps, position });
            }
        }
    }
    all
}

impl Pooling {
    fn new(cx: &mut LayerCx<'_>, op: PoolOp, window: Window, count_pad: bool, order: Order) -> Self {
        let what = if op == PoolOp::Max { "largest value" } else { "running sum" };
        let accum = cx.ty(Slot::Accum, what);
        let channels = cx.node.shape.channels();
        Self { op, window, channels, count_pad, order, x: cx.x().ty.format, accum, result: cx.result.clone() }
    }

    /// Every window of every channel.
    fn everywhere(&self) -> Vec<Stmt> {
        let (rows, columns) = (stretches(&self.window, 0), stretches(&self.window, 1));
        let several = rows.len() * columns.len() > 1;
        let mut body = Vec::new();
        for rows in rows {
            for columns in &columns {
                let block = self.block([rows, *columns]);
                match block.as_slice() {
                    // One loop, which keeps its variables to itself.
                    [_] => body.extend(block),
                    _ if several => body.push(Stmt::unrolled("once", 1, block)),
                    _ => body.extend(block),
                }
            }
        }
        body
    }

    /// The windows that cover the same taps.
    fn block(&self, at: [Stretch; 2]) -> Vec<Stmt> {
        each("row", at[0].count, |row| {
            each("column", at[1].count, |column| {
                each("channel", self.channels, |channel| self.one(at, row, column, channel))
            })
        })
    }

    fn one(&self, at: [Stretch; 2], row: Index, column: Index, channel: Index) -> Vec<Stmt> {
        let x = |i: Index, j: Index| {
            let along = |axis: usize, output: &Index, tap: Index| {
                output.clone().times(self.window.stride[axis]).plus(tap).plus(Index::At(at[axis].position))
            };
            let position = along(0, &row, i).times(self.window.input[1]).plus(along(1, &column, j));
            Expr::element("x", self.x, [position.times(self.channels).plus(channel.clone())])
        };
        let (mut body, value) = match self.op {
            PoolOp::Max => self.largest(at, x),
            PoolOp::Average => self.mean(at, x),
        };
        let output = |axis: usize, index: Index| index.plus(Index::At(at[axis].first));
        let position = output(0, row.clone()).times(self.window.output[1]).plus(output(1, column.clone()));
        let to = position.times(self.channels).plus(channel.clone());
        body.push(Stmt::assign("y", [to], self.result.clone(), value));
        body
    }

    fn largest(&self, at: [Stretch; 2], x: impl Fn(Index, Index) -> Expr) -> (Vec<Stmt>, Expr) {
        let direct = self.order == Order::Direct;
        let ty = if direct { Type::from(self.x) } else { self.accum.clone() };
        let largest = || Expr::var("largest", ty.format);
        let first = x(Index::At(0), Index::At(0));
        let mut body = vec![Stmt::Var { name: "largest".to_owned(), ty: ty.clone(), value: first }];
        body.extend(self.taps(at, |i, j| {
            let mut body = Vec::new();
            let value = if direct {
                x(i, j)
            } else {
                body.push(Stmt::bind("value", ty.clone(), x(i, j)));
                Expr::var("value", ty.format)
            };
            let condition = value.clone().compare(Comparison::Greater, largest());
            body.push(Stmt::If { condition, body: vec![Stmt::assign("largest", [], ty.clone(), value)] });
            body
        }));
        let value =
            if ty.format == self.accum.format { largest() } else { largest().cast(self.accum.clone()) };
        (body, value)
    }

    fn mean(&self, at: [Stretch; 2], x: impl Fn(Index, Index) -> Expr) -> (Vec<Stmt>, Expr) {
        let accum = || self.accum.clone();
        let sum = || Expr::var("sum", self.accum.format);
        let start = || Stmt::Var { name: "sum".to_owned(), ty: accum(), value: Expr::whole(0) };
        let add = |term: Expr| Stmt::assign("sum", [], accum(), sum().plus(term));
        let (body, total) = match self.order {
            Order::Direct => {
                let mut body = vec![start()];
                body.extend(self.taps(at, |i, j| vec![add(x(i, j))]));
                (body, sum())
            }
            Order::Running => {
                let mut body = vec![start()];
                let value = || Expr::var("value", self.accum.format);
                body.extend(self.taps(at, |i, j| vec![Stmt::bind("value", accum(), x(i, j)), add(value())]));
                (body, sum())
            }
            Order::Tree => (self.tree(at, x), Expr::element("sum", self.accum.format, [Index::At(0)])),
        };
        let covered = at[0].taps * at[1].taps;
        let divisor = if self.count_pad { self.window.taps() } else { covered };
        (body, quotient(total, divisor))
    }

    fn tree(&self, at: [Stretch; 2], x: impl Fn(Index, Index) -> Expr) -> Vec<Stmt> {
        let (n, accum) = (self.window.taps(), &self.accum);
        let mut body = vec![Stmt::Array(Array::registers("sum", accum.clone(), n))];
        if at[0].taps * at[1].taps < n {
            let zero = Stmt::assign("sum", [Index::var("i")], accum.clone(), Expr::whole(0));
            body.push(Stmt::unrolled("i", n, vec![zero]));
        }
        body.extend(self.taps(at, |i, j| {
            let tap = |axis: usize, index: Index| index.plus(Index::At(at[axis].tap));
            let to = tap(0, i.clone()).times(self.window.kernel[1]).plus(tap(1, j.clone()));
            vec![Stmt::assign("sum", [to], accum.clone(), x(i, j))]
        }));
        body.extend(joined_as_tree("sum", accum, n, |a, b| a.plus(b).cast(accum.clone())));
        body
    }

    /// The taps that are on the input.
    fn taps(&self, at: [Stretch; 2], body: impl Fn(Index, Index) -> Vec<Stmt>) -> Vec<Stmt> {
        each("i", at[0].taps, |i| each("j", at[1].taps, |j| body(i, j)))
    }
}

/// A number divided by a count, truncated toward zero at its last bit: a product with the reciprocal, which is precise
/// enough for that.
///
/// # Source
/// Granlund and Montgomery 1994, doi:10.1145/178243.178249, theorem 4.2.
pub(super) fn quotient(sum: Expr, divisor: usize) -> Expr {
    let format = sum.format;
    let truncated = format.with_rounding(Rounding::TrnZero).with_overflow(Overflow::Wrap(0));
    if divisor == 1 {
        return sum;
    }
    let ceiling = divisor.next_power_of_two().ilog2();
    let bits = if divisor.is_power_of_two() { ceiling } else { format.width + ceiling };
    let n = divisor as u64;
    let reciprocal = ((Wide::ONE << bits) + Wide::from_i64(divisor as i64 - 1)).quotient(n);
    sum.times(Expr::tight(reciprocal, bits as i32)).cast(truncated)
}
