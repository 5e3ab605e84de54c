//! Windows over a stream of positions: line buffers and a window that shifts.

use hls4rs_fixed::window::Window;

use super::directive::{LoopHint, Storage};
use super::expr::{Condition, Expr, Index};
use super::stmt::Stmt;
use super::types::{Array, Stream, Type};

/// A window that follows a stream, position by position of the padded image.
///
/// The last rows of the image are kept, one memory for each; the window is a register for every position from its first
/// tap to its last, into which a column of the kept rows shifts with every position. Where it lies at an output's place,
/// the statements of the user run.
pub(crate) struct LineBuffer<'a> {
    pub(crate) window: Window,
    /// The stream of the image, a parameter called `x`.
    pub(crate) stream: &'a Stream,
    /// The type of its elements.
    pub(crate) ty: Type,
    /// Cycles between positions; none if there is a loop of its own in what is done with a window.
    pub(crate) interval: Option<usize>,
}

impl LineBuffer<'_> {
    /// Positions from the first tap of a window to its last.
    fn reach(&self, axis: usize) -> usize {
        (self.window.kernel[axis] - 1) * self.window.dilation[axis] + 1
    }

    /// Rows or columns of the padded image.
    fn padded(&self, axis: usize) -> usize {
        self.window.before[axis] + self.window.input[axis] + self.window.after(axis)
    }

    fn channels(&self) -> usize {
        self.stream.channels
    }

    /// The body of the process; `complete` runs where a window is complete, with its elements in the array `part`, tap
    /// by tap.
    pub(crate) fn emit(&self, complete: Vec<Stmt>) -> Vec<Stmt> {
        let reach = [self.reach(0), self.reach(1)];
        let mut body = Vec::new();
        if reach[0] > 1 {
            body.push(Stmt::Array(Array {
                name: "lines".to_owned(),
                ty: self.ty.clone(),
                extents: vec![reach[0] - 1, self.padded(1), self.channels()],
                storage: Storage::Lines,
            }));
        }
        let registers = reach[0] * reach[1] * self.channels();
        body.push(Stmt::Array(Array::registers("window", self.ty.clone(), registers)));
        let zero = Stmt::assign("window", [Index::var("i")], self.ty.clone(), Expr::whole(0));
        body.push(Stmt::unrolled("i", registers, vec![zero]));
        let phases: Vec<_> = (0..2).filter(|&axis| self.counts(axis)).collect();
        let counter = |&axis: &usize| Stmt::Counter { name: PHASES[axis].to_owned(), value: 0 };
        body.extend(phases.iter().map(counter));

        let mut step: Vec<_> = phases.iter().rev().map(|&axis| self.advance(axis)).collect();
        step.extend(self.read());
        step.extend(self.shift(reach));
        step.extend(self.at_place(complete));
        let pipeline = self.interval.map(|ii| LoopHint::Flush { ii });
        let columns = Stmt::repeated("column", self.padded(1), pipeline, step);
        let flatten = self.interval.map(|_| LoopHint::Flatten);
        body.push(match self.padded(0) {
            1 => columns,
            rows => Stmt::repeated("row", rows, flatten, vec![columns]),
        });
        body
    }

    /// Whether windows lie several positions apart, so that it takes a counter to know where.
    fn counts(&self, axis: usize) -> bool {
        self.window.stride[axis] > 1 && self.window.output[axis] > 1
    }

    /// The counter goes from 0 to the stride, and is 0 where a window can end.
    fn advance(&self, axis: usize) -> Stmt {
        let stride = self.window.stride[axis];
        let phase = || Index::var(PHASES[axis]);
        let same = |a, n| Box::new(Condition::Same(a, Index::At(n)));
        let select =
            |condition, then: Index, other: Index| Index::Select(condition, Box::new(then), Box::new(other));
        // The first window ends at position `reach - 1`.
        let first = (stride - (self.reach(axis) - 1) % stride) % stride;
        let next = select(same(phase(), stride - 1), Index::At(0), phase().plus(Index::At(1)));
        let restarted = select(same(Index::var(AXES[axis]), 0), Index::At(first), next);
        // The counter of rows moves on with the first column.
        let value = match axis {
            0 => select(same(Index::var(AXES[1]), 0), restarted, phase()),
            _ => restarted,
        };
        Stmt::Count { name: PHASES[axis].to_owned(), value }
    }

    /// The elements of the position: from the stream, or zeros in the padding.
    fn read(&self) -> Vec<Stmt> {
        let (c, ty) = (Index::var("c"), || self.ty.clone());
        let word = Expr::element("x_word.data", self.ty.format, [c.clone()]);
        let copy = Stmt::assign("pixel", [c.clone()], ty(), word);
        let read = vec![
            Stmt::ReadWord {
                stream: "x".to_owned(),
                word: self.stream.word.clone(),
                name: "x_word".to_owned(),
            },
            Stmt::unrolled("c", self.channels(), vec![copy]),
        ];
        let inside = (0..2).flat_map(|axis| {
            let (first, size) = (self.window.before[axis], self.window.input[axis]);
            let before = Condition::at_least(Index::var(AXES[axis]), first);
            let end = Index::At(first + size);
            let after =
                (first + size < self.padded(axis)).then(|| Condition::Below(Index::var(AXES[axis]), end));
            before.into_iter().chain(after)
        });
        let mut body = vec![Stmt::Array(Array::registers("pixel", ty(), self.channels()))];
        match Condition::all(inside) {
            None => body.extend(read),
            Some(condition) => {
                let zero = Stmt::assign("pixel", [c], ty(), Expr::whole(0));
                body.push(Stmt::unrolled("c", self.channels(), vec![zero]));
                body.push(Stmt::If { condition, body: read });
            }
        }
        body
    }

    /// The window moves on by a position, the column of the rows above it comes in, and the rows take the position over.
    fn shift(&self, [rows, columns]: [usize; 2]) -> Vec<Stmt> {
        let channels = self.channels();
        let (row, c) = (|| Index::var("r"), || Index::var("c"));
        let ty = || self.ty.clone();
        let at = |row: Index, column: Index| {
            let position = row.times(columns).plus(column);
            [position.times(channels).plus(c())]
        };
        let format = self.ty.format;
        let mut body = Vec::new();
        if columns > 1 {
            let from = Expr::element("window", format, at(row(), Index::var("s").plus(Index::At(1))));
            let left = Stmt::assign("window", at(row(), Index::var("s")), ty(), from);
            let one = Stmt::unrolled("s", columns - 1, vec![Stmt::unrolled("c", channels, vec![left])]);
            body.push(Stmt::unrolled("r", rows, vec![one]));
        }
        let last = || Index::At(columns - 1);
        let pixel = || Expr::element("pixel", format, [c()]);
        let line = |row: Index| [row, Index::var("column"), c()];
        let kept = |row: Index| Expr::element("lines", format, line(row));
        let each = |body| Stmt::unrolled("c", channels, body);
        if rows > 1 {
            let above = Stmt::assign("window", at(row(), last()), ty(), kept(row()));
            body.push(Stmt::unrolled("r", rows - 1, vec![each(vec![above])]));
            // The oldest row goes first, so that every row is read before it is written.
            if rows > 2 {
                let up = Stmt::assign("lines", line(row()), ty(), kept(row().plus(Index::At(1))));
                body.push(Stmt::unrolled("r", rows - 2, vec![each(vec![up])]));
            }
            body.push(each(vec![Stmt::assign("lines", line(Index::At(rows - 2)), ty(), pixel())]));
        }
        body.push(each(vec![Stmt::assign("window", at(Index::At(rows - 1), last()), ty(), pixel())]));
        body
    }

    /// What is done with the window where it lies at an output's place.
    fn at_place(&self, complete: Vec<Stmt>) -> Vec<Stmt> {
        let mut body = self.gather();
        body.extend(complete);
        let place = (0..2).flat_map(|axis| {
            let far = Condition::at_least(Index::var(AXES[axis]), self.reach(axis) - 1);
            let phase = Condition::Same(Index::var(PHASES[axis]), Index::At(0));
            // A single window ends where it is complete first.
            let end = Index::At(self.reach(axis));
            let once = self.window.output[axis] == 1 && self.reach(axis) < self.padded(axis);
            let once = once.then(|| Condition::Below(Index::var(AXES[axis]), end));
            far.into_iter().chain(self.counts(axis).then_some(phase)).chain(once)
        });
        match Condition::all(place) {
            None => body,
            Some(condition) => vec![Stmt::If { condition, body }],
        }
    }

    /// The taps, which are not all of the window if it is dilated.
    fn gather(&self) -> Vec<Stmt> {
        let [rows, columns] = self.window.kernel;
        let [down, right] = self.window.dilation;
        let channels = self.channels();
        let elements = rows * columns * channels;
        let assign = |to: Index, from: Index| {
            let element = Expr::element("window", self.ty.format, [from]);
            Stmt::assign("part", [to], self.ty.clone(), element)
        };
        let copy = if self.reach(0) == rows && self.reach(1) == columns {
            Stmt::unrolled("i", elements, vec![assign(Index::var("i"), Index::var("i"))])
        } else {
            let (r, s, c) = (|| Index::var("r"), || Index::var("s"), || Index::var("c"));
            let to = r().times(columns).plus(s()).times(channels).plus(c());
            let from = r().times(down * self.reach(1)).plus(s().times(right)).times(channels).plus(c());
            let taps =
                Stmt::unrolled("s", columns, vec![Stmt::unrolled("c", channels, vec![assign(to, from)])]);
            Stmt::unrolled("r", rows, vec![taps])
        };
        vec![Stmt::Array(Array::registers("part", self.ty.clone(), elements)), copy]
    }
}

const AXES: [&str; 2] = ["row", "column"];
const PHASES: [&str; 2] = ["row_phase", "column_phase"];
