//! Layers that move values between streams, word by word.

use hls4rs_fixed::view::{Axis, Rule};

use super::emission::whole_factor;
use crate::hls::{Array, Condition, Expr, Function, Index, LayerCx, LoopHint, Stmt, Type, each, repeat};

/// The process of a view that keeps positions in their order, if there is one: zeros around the input, a part of it, or
/// positions that are repeated.
pub(super) fn process(cx: &mut LayerCx<'_>, what: &str, axes: &[Axis]) -> Option<Function> {
    let (channels, positions) = axes.split_last()?;
    let plain =
        channels.rule == Rule::Cropped(0) && channels.stride == 1 && channels.input == channels.output;
    if !plain || !cx.goes_by_position() {
        return None;
    }
    let [row, column] = match *positions {
        [column] => [Axis::kept(1, 0), column],
        [row, column] => [row, column],
        _ => return None,
    };
    // In their order on the input.
    let columns = if column.stride == 0 { 1 } else { column.input };
    let natural = |axis: &Axis, stride: usize| axis.stride == 0 || axis.stride == stride;
    if !natural(&column, channels.output) || !natural(&row, columns * channels.output) {
        return None;
    }
    let shifts = |axis: &Axis| !matches!(axis.rule, Rule::Nearest) && (axis.stride > 0 || axis.output == 1);
    let padded = |axis: &Axis| matches!(axis.rule, Rule::Padded(_));
    let shifted = shifts(&row) && shifts(&column);
    let times = if shifted { [1, 1] } else { [repeats(&row)?, repeats(&column)?] };
    let (x, y) = (cx.x_stream()?, cx.y_stream());
    let words = Words {
        x: x.word.clone(),
        y: y.word.clone(),
        input: cx.x().ty.clone(),
        result: cx.result.clone(),
        channels: channels.output,
    };
    let body = if !shifted {
        words.repeated([&row, &column], times)
    } else if padded(&row) || padded(&column) {
        words.padded(&row, &column)
    } else {
        words.cropped(&row, &column)
    };
    Some(cx.process(what, x, y, body))
}

/// How often every position is repeated.
fn repeats(axis: &Axis) -> Option<usize> {
    match axis.rule {
        Rule::Cropped(0) if axis.stride == 0 => Some(axis.output),
        Rule::Cropped(0) if axis.input == axis.output => Some(1),
        Rule::Nearest => whole_factor(axis),
        _ => None,
    }
}

/// The words of a process.
struct Words {
    /// Of the input.
    x: String,
    /// Of the result.
    y: String,
    input: Type,
    result: Type,
    channels: usize,
}

impl Words {
    fn read(&self) -> Stmt {
        let [stream, name] = ["x", "x_word"].map(str::to_owned);
        Stmt::ReadWord { stream, word: self.x.clone(), name }
    }

    /// Writes a word of these elements.
    fn write(&self, element: impl Fn(Index) -> Expr) -> Vec<Stmt> {
        let mut body = vec![Stmt::Word { word: self.y.clone(), name: "y_word".to_owned() }];
        body.extend(each("c", self.channels, |c| {
            vec![Stmt::assign("y_word.data", [c.clone()], self.result.clone(), element(c))]
        }));
        body.push(Stmt::WriteWord { stream: "y".to_owned(), name: "y_word".to_owned() });
        body
    }

    fn element(&self, c: Index) -> Expr {
        Expr::element("x_word.data", self.input.format, [c])
    }

    /// Zeros, then words of the input, then zeros.
    fn padded(&self, row: &Axis, column: &Axis) -> Vec<Stmt> {
        let copy = || {
            let mut body = vec![self.read()];
            body.extend(self.write(|c| self.element(c)));
            body
        };
        // A loop even for a single one, which keeps its word to itself.
        let hint = Some(LoopHint::Flush { ii: 1 });
        let zeros = |n: usize| match n {
            0 => Vec::new(),
            n => vec![Stmt::repeated("zero", n, hint, self.write(|_| Expr::whole(0)))],
        };
        let around = |axis: &Axis| match axis.rule {
            Rule::Padded(before) => [before, axis.output - axis.input - before],
            _ => [0, 0],
        };
        let ([top, bottom], [left, right]) = (around(row), around(column));
        let mut body = zeros(top * column.output + left);
        body.extend(repeat("row", row.input, |index| {
            let mut line = repeat("column", column.input, |_| copy());
            // The end of a row and the beginning of the next.
            let between = zeros(left + right);
            match (&index, between.is_empty()) {
                (_, true) => {}
                (Index::At(_), false) => {}
                (index, false) => {
                    let condition = Condition::Below(index.clone(), Index::At(row.input - 1));
                    line.push(Stmt::If { condition, body: between });
                }
            }
            line
        }));
        body.extend(zeros(right + bottom * column.output));
        body
    }

    /// Every word is read, those inside are written.
    fn cropped(&self, row: &Axis, column: &Axis) -> Vec<Stmt> {
        let inside = |axis: &Axis, index: &Index| {
            let before = match axis.rule {
                Rule::Cropped(before) => before,
                _ => 0,
            };
            let end = before + axis.output;
            let below = (end < axis.input).then(|| Condition::Below(index.clone(), Index::At(end)));
            [Condition::at_least(index.clone(), before), below]
        };
        repeat("row", row.input, |r| {
            repeat("column", column.input, |c| {
                let conditions = [inside(row, &r), inside(column, &c)];
                let write = self.write(|c| self.element(c));
                let mut body = vec![self.read()];
                match Condition::all(conditions.into_iter().flatten().flatten()) {
                    Some(condition) => body.push(Stmt::If { condition, body: write }),
                    None => body.extend(write),
                }
                body
            })
        })
    }

    /// Every position is written several times; a row is kept for that.
    fn repeated(&self, [row, column]: [&Axis; 2], [rows, columns]: [usize; 2]) -> Vec<Stmt> {
        let extent = |axis: &Axis, times: usize| axis.output / times;
        let (height, width) = (extent(row, rows), extent(column, columns));
        let ty = self.input.clone();
        let mut body = vec![Stmt::Array(Array::registers("held", ty.clone(), width * self.channels))];
        body.extend(repeat("row", height, |_| {
            repeat("again", rows, |again| {
                repeat("column", width, |column| {
                    repeat("copy", columns, |copy| {
                        let place = |c: Index| column.clone().times(self.channels).plus(c);
                        let mut first = vec![self.read()];
                        first.extend(each("c", self.channels, |c| {
                            vec![Stmt::assign("held", [place(c.clone())], ty.clone(), self.element(c))]
                        }));
                        let new = [&again, &copy]
                            .into_iter()
                            .filter(|index| !matches!(index, Index::At(_)))
                            .map(|index| Condition::Same(index.clone(), Index::At(0)));
                        let mut body = match Condition::all(new) {
                            Some(condition) => vec![Stmt::If { condition, body: first }],
                            None => first,
                        };
                        body.extend(self.write(|c| Expr::element("held", ty.format, [place(c)])));
                        body
                    })
                })
            })
        }));
        body
    }
}
