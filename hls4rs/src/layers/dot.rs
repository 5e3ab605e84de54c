//! The scalar product of two vectors.
//!
//! ```
//! hls4rs::network! {
//!     struct Product;
//!     input a: [3] as Fixed<8, 4>;
//!     input b: [3] as Fixed<8, 4>;
//!     output y = dot(a, b);
//! }
//!
//! let of = |x: [f64; 3]| x.map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! let [y] = Product::new().predict(&of([1.0, 0.5, -2.0]), &of([0.25, 3.0, 1.5]));
//! assert_eq!(y.to_num::<f64>(), 0.25 + 1.5 - 3.0);
//! ```

use hls4rs_fixed::{Cast, Format, Number};

use super::int::{Int, most};
use super::pool::SumKernel;
use super::rows::{assigned, zip};
use super::{Accum, collect, raw, with_container};

/// The arithmetic of a scalar product: every product is cast to the accumulator, and every sum of them.
#[derive(Clone, Copy, Debug)]
pub struct DotKernel {
    sum: SumKernel,
    result: Cast,
}

impl DotKernel {
    /// Prepares the layer for its inputs', its accumulator's and its result's formats; `bounded` if no cast to the
    /// accumulator changes a value.
    pub const fn new([a, b, accum, result]: [Format; 4], bounded: bool) -> Self {
        Self { sum: SumKernel::new(a.product(b), accum, bounded), result: Cast::new(accum, result) }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub const fn container_bits(&self) -> u32 {
        most(self.sum.container_bits(), self.result.container_bits())
    }

    /// The result from the pairs of elements.
    #[inline(always)]
    pub fn result<C: Int, const L: usize>(&self, pairs: impl Iterator<Item = ([C; L], [C; L])>) -> [C; L] {
        let products = pairs.map(|(a, b)| self.sum.term(zip(a, &b, C::times)));
        let sum = products.fold([C::default(); L], |sum, product| self.sum.join(sum, product));
        assigned(&self.result, sum)
    }
}

/// Scalar product: `Σᵢ a[i] · b[i]`, in the accumulator.
#[inline]
pub fn dot<A: Number, B: Number, S: Number, R: Number, const N: usize>(
    a: &[A; N],
    b: &[B; N],
    _: Accum<S>,
) -> [R; 1] {
    let kernel = DotKernel::new([A::FORMAT, B::FORMAT, S::FORMAT, R::FORMAT], false);
    with_container!(kernel.container_bits(), C => {
        let pairs = a.iter().zip(b).map(|(a, b)| ([raw::<C, A>(*a)], [raw::<C, B>(*b)]));
        collect(&[kernel.result(pairs)])
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::Dot;

    use crate::hls::{Emit, Expr, Function, Index, LayerCx, Stmt};

    impl Emit for Dot {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let accum = cx.ty(Slot::Accum, "running sum");
            let (n, reuse_factor) = (cx.x().len(), cx.node.reuse_factor);
            let read =
                |n: usize| Expr::element(&cx.operand_name(n), cx.inputs[n].ty.format, [Index::var("i")]);
            let sum = || Expr::var("sum", accum.format);
            let next = sum().plus(read(0).times(read(1)).cast(accum.clone()));
            let body = vec![
                Stmt::Var { name: "sum".to_owned(), ty: accum.clone(), value: Expr::whole(0) },
                Stmt::unrolled("i", n, vec![Stmt::assign("sum", [], accum.clone(), next)]),
                Stmt::assign("y", [Index::At(0)], cx.result.clone(), sum()),
            ];
            let what = format!("scalar product of {n} elements, reuse factor {reuse_factor}.");
            let function = cx.function(&what, &[], body);
            let multipliers = Some(n.div_ceil(reuse_factor));
            Some(Function { interval: Some(reuse_factor), multipliers, ..function })
        }
    }
}
