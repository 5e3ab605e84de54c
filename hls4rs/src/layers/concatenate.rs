//! The layer that puts tensors side by side.

use hls4rs_fixed::Number;

use super::linear;

/// Where the elements of an input go: runs of `row_x` elements, each into a run of `row_y` at `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Elements of the input from the axis inwards.
    pub row_x: usize,
    /// Elements of the result from the axis inwards.
    pub row_y: usize,
    /// Elements of the inputs before, from the axis inwards.
    pub offset: usize,
}

impl Placement {
    /// The position in the result of element `i` of the input.
    #[inline(always)]
    pub const fn target(&self, i: usize) -> usize {
        i / self.row_x * self.row_y + self.offset + i % self.row_x
    }
}

/// Casts the elements of one input to their places in the result.
#[inline]
pub fn place<X: Number, R: Number, const N: usize, const M: usize>(
    x: &[X; N],
    y: &mut [R; M],
    row_x: usize,
    row_y: usize,
    offset: usize,
) {
    let placement = Placement { row_x, row_y, offset };
    let x: [R; N] = linear(x);
    for (i, x) in x.into_iter().enumerate() {
        y[placement.target(i)] = x;
    }
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Concatenate;

    use crate::hls::{Emit, Expr, Function, Index, LayerCx, Stmt};

    impl Emit for Concatenate {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let shapes: Vec<_> = cx.inputs.iter().map(|input| &input.node.shape).collect();
            let (rounds, shares) = self.rounds(&shapes);
            let whole: usize = shares.iter().sum();
            let mut offset = 0;
            let mut parts = Vec::new();
            for (n, &share) in shares.iter().enumerate() {
                let in_round = |size: usize| match rounds {
                    1 => Index::var("i"),
                    _ => Index::var("round").times(size).plus(Index::var("i")),
                };
                let x = Expr::element(&cx.operand_name(n), cx.inputs[n].ty.format, [in_round(share)]);
                let to = in_round(whole).plus(Index::At(offset));
                parts.push(Stmt::unrolled("i", share, vec![Stmt::assign("y", [to], cx.result.clone(), x)]));
                offset += share;
            }
            let body = if rounds == 1 { parts } else { vec![Stmt::unrolled("round", rounds, parts)] };
            Some(cx.function("concatenation.", &[], body))
        }
    }
}
