//! Layers that join two tensors element by element.

use hls4rs_fixed::{Cast, Format, Number};

use super::int::{Int, bits, most};
use super::rows::{assigned, map, zip};
use super::{collect, raw, with_const_container};

/// How two elements are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a · b`.
    Multiply,
    /// `(a + b) / 2`.
    Average,
    /// The greater.
    Maximum,
    /// The lesser.
    Minimum,
}

/// The arithmetic of a join with its formats: exact, then one cast.
#[derive(Clone, Copy, Debug)]
pub struct MergeKernel {
    join: Join,
    a_up: u32,
    b_up: u32,
    exact: Cast,
    a: Cast,
    b: Cast,
}

impl MergeKernel {
    /// Prepares the layer for its inputs' and its result's formats.
    pub const fn new(join: Join, [a, b, result]: [Format; 3]) -> Self {
        let exact = match join {
            Join::Add | Join::Maximum | Join::Minimum => a.sum(b),
            Join::Average => a.sum(b).product(Format::ufixed(1, 0)),
            Join::Subtract => a.difference(b),
            Join::Multiply => a.product(b),
        };
        let (fa, fb) = (a.frac_bits(), b.frac_bits());
        let frac_bits = if fa > fb { fa } else { fb };
        Self {
            join,
            a_up: (frac_bits - fa).unsigned_abs(),
            b_up: (frac_bits - fb).unsigned_abs(),
            exact: Cast::new(exact, result),
            a: Cast::new(a, result),
            b: Cast::new(b, result),
        }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub const fn container_bits(&self) -> u32 {
        let each = most(self.a.container_bits(), self.b.container_bits());
        most(most(self.exact.container_bits(), bits(self.exact.src())), each)
    }

    /// The results at one position.
    #[inline(always)]
    pub fn row<C: Int, const L: usize>(&self, a: [C; L], b: [C; L]) -> [C; L] {
        let (a_fine, b_fine) = (map(&a, |a| a.up(self.a_up)), map(&b, |b| b.up(self.b_up)));
        let exact = match self.join {
            Join::Add | Join::Average => zip(a_fine, &b_fine, C::plus),
            Join::Subtract => zip(a_fine, &b_fine, C::minus),
            Join::Multiply => zip(a, &b, C::times),
            Join::Maximum | Join::Minimum => {
                let (a, b) = (assigned(&self.a, a), assigned(&self.b, b));
                let mut y = b;
                for (((y, a), fa), fb) in y.iter_mut().zip(&a).zip(&a_fine).zip(&b_fine) {
                    let first = if matches!(self.join, Join::Maximum) { fa > fb } else { fa < fb };
                    *y = if first { *a } else { *y };
                }
                return y;
            }
        };
        assigned(&self.exact, exact)
    }
}

macro_rules! joins {
    ($($(#[$doc:meta])* $name:ident = $join:ident;)+) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $name<A: Number, B: Number, R: Number, const N: usize>(a: &[A; N], b: &[B; N]) -> [R; N] {
            let kernel = const { MergeKernel::new(Join::$join, [A::FORMAT, B::FORMAT, R::FORMAT]) };
            with_const_container!(MergeKernel::new(Join::$join, [A::FORMAT, B::FORMAT, R::FORMAT]).container_bits(), C => {
                let mut rows = a.map(|a| [raw::<C, A>(a)]);
                for (row, b) in rows.iter_mut().zip(b) {
                    *row = kernel.row(*row, [raw::<C, B>(*b)]);
                }
                collect(&rows)
            })
        }
    )+ };
}

joins! {
    /// `a + b`, exact, one cast.
    add = Add;
    /// `a - b`, exact, one cast.
    subtract = Subtract;
    /// `a · b`, exact, one cast.
    multiply = Multiply;
    /// `(a + b) / 2`, exact, one cast.
    average = Average;
    /// The greater of `a` and `b`, one cast.
    maximum = Maximum;
    /// The lesser of `a` and `b`, one cast.
    minimum = Minimum;
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::{Format, Wide};
    use hls4rs_ir::ops::{Merge, MergeOp};

    use crate::hls::{Comparison, Emit, Expr, Function, Index, LayerCx, Stmt, elementwise};
    use crate::layers::view::emission::{over, spread};

    impl Emit for Merge {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let operand =
                |n: usize, at: Index| Expr::element(&cx.operand_name(n), cx.inputs[n].ty.format, [at]);
            let axes = [0, 1].map(|n| Self::spread(&cx.inputs[n].node.shape, &cx.node.shape));
            if axes.iter().all(Option::is_none) {
                let at = || Index::var("i");
                let (what, value) = joined(self.op, cx, operand(0, at()), operand(1, at()));
                return Some(elementwise(cx, &format!("{what}."), &[], Vec::new(), value));
            }
            let mut what = "";
            let body = over(&cx.node.shape, |at, flat| {
                let read = |n: usize| {
                    let index = axes[n].as_ref().map_or_else(|| flat.clone(), |axes| spread(axes, at));
                    operand(n, index)
                };
                let (name, value) = joined(self.op, cx, read(0), read(1));
                what = name;
                vec![Stmt::assign("y", [flat.clone()], cx.result.clone(), value)]
            });
            Some(cx.function(&format!("{what} of tensors that are spread over a common shape."), &[], body))
        }
    }

    /// What becomes of two elements, in words and as a number.
    fn joined(op: MergeOp, cx: &LayerCx<'_>, a: Expr, b: Expr) -> (&'static str, Expr) {
        let either = |relation| {
            let first = a.clone().compare(relation, b.clone());
            Expr::select(cx.result.clone(), first, a.clone(), b.clone())
        };
        match op {
            MergeOp::Maximum => ("maximum", either(Comparison::Greater)),
            MergeOp::Minimum => ("minimum", either(Comparison::Less)),
            MergeOp::Add => ("sum", a.plus(b)),
            MergeOp::Subtract => ("difference", a.minus(b)),
            MergeOp::Multiply => ("product", a.times(b)),
            MergeOp::Average => ("mean", a.plus(b).times(Expr::constant(Wide::ONE, Format::ufixed(1, 0)))),
        }
    }
}
