//! Loops over the positions that share a matrix.

use super::Matrix;
use crate::hls::{Array, Condition, Expr, Function, Index, LayerCx, LoopHint, Stmt};

/// The positions at which a matrix is applied, row by row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// How many positions are computed at once; divides their number.
    pub(crate) parallel: usize,
}

impl Positions {
    /// Row and column of the position in a loop.
    pub(crate) fn at(&self) -> [Index; 2] {
        match self.rows {
            1 => [Index::At(0), Index::var("position")],
            _ => [Index::var("row"), Index::var("column")],
        }
    }

    /// The layer's function: after `before`, at every position, `gather` fills the array `part` with the
    /// inputs of the matrix.
    pub(crate) fn emit(
        &self,
        cx: &mut LayerCx<'_>,
        matrix: &Matrix,
        what: &str,
        before: Vec<Stmt>,
        gather: Vec<Stmt>,
    ) -> Function {
        let helper = matrix.helper(cx, &format!("{what} At one position."));
        let multipliers = matrix.multipliers(cx).map(|limit| limit * self.parallel);
        let all = self.rows * self.columns;
        let at = match (self.rows, self.parallel) {
            (1, _) => Index::var("position"),
            (_, n) if n == 1 || n == all => Index::var("row").times(self.columns).plus(Index::var("column")),
            _ => Index::var("step").times(self.parallel).plus(Index::var("copy")),
        };
        let y = Expr::element("filters", cx.result.format, [Index::var("j")]);
        let scattered = at.times(matrix.n_out).plus(Index::var("j"));
        let mut one = vec![
            Stmt::Array(Array::registers("part", cx.x().ty.clone(), matrix.n_in())),
            Stmt::Array(Array::registers("filters", cx.result.clone(), matrix.n_out)),
        ];
        one.extend(gather);
        one.push(Stmt::Call { function: helper, args: vec!["part".to_owned(), "filters".to_owned()] });
        one.push(Stmt::unrolled(
            "j",
            matrix.n_out,
            vec![Stmt::assign("y", [scattered], cx.result.clone(), y)],
        ));
        let unrolled = self.parallel == all;
        let mut body = before;
        body.extend(self.loops(cx, one));
        let interval = Matrix::interval(cx).filter(|_| unrolled);
        Function { interval, multipliers, ..cx.function(what, &[], body) }
    }

    fn loops(&self, cx: &LayerCx<'_>, one: Vec<Stmt>) -> Vec<Stmt> {
        // A loop that shares multipliers is the pipeline inside.
        let shares = cx.node.strategy.shares_multipliers() && cx.node.reuse_factor > 1;
        let pipeline = (!shares).then_some(LoopHint::Pipeline { ii: cx.node.reuse_factor });
        let flatten = (!shares).then_some(LoopHint::Flatten);
        let all = self.rows * self.columns;
        let nested = |outer, inner, one| match self.rows {
            1 => vec![Stmt::repeated("position", self.columns, inner, one)],
            rows => vec![Stmt::repeated(
                "row",
                rows,
                outer,
                vec![Stmt::repeated("column", self.columns, inner, one)],
            )],
        };
        match self.parallel {
            1 => nested(flatten, pipeline, one),
            n if n == all => nested(Some(LoopHint::Unroll), Some(LoopHint::Unroll), one),
            n => {
                let mut one = one;
                let counters = if self.rows == 1 { ["position"].iter() } else { ["row", "column"].iter() };
                one.extend(self.advance());
                let copies = vec![Stmt::unrolled("copy", n, one)];
                let counter = |name: &&str| Stmt::Counter { name: (*name).to_owned(), value: 0 };
                counters.map(counter).chain([Stmt::repeated("step", all / n, pipeline, copies)]).collect()
            }
        }
    }

    /// The counters of row and column go on to the next position.
    fn advance(&self) -> Vec<Stmt> {
        let count = |name: &str, value| Stmt::Count { name: name.to_owned(), value };
        let next = |name: &str| Index::var(name).plus(Index::At(1));
        if self.rows == 1 {
            return vec![count("position", next("position"))];
        }
        let last = || Box::new(Condition::Same(Index::var("column"), Index::At(self.columns - 1)));
        let select = |then, other| Index::Select(last(), Box::new(then), Box::new(other));
        vec![
            count("row", select(next("row"), Index::var("row"))),
            count("column", select(Index::At(0), next("column"))),
        ]
    }
}
