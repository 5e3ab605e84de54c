//! Products of two tensors: `einsum` and `matmul`.
//!
//! Attention, where each of three words asks (`q`) the others (`k`) and takes what they say (`v`):
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Attention;
//!     input q: [3, 2] as Fixed<8, 4>;
//!     input k: [3, 2] as Fixed<8, 4>;
//!     input v: [3, 2] as Fixed<8, 4>;
//!     let scores = einsum(q, k, "qc,kc->qk") as Fixed<10, 6, Trn, Sat>;
//!     let weights = softmax(scores) { implementation: argmax } as UFixed<1, 1>;
//!     output y = matmul(weights, v);
//! }
//!
//! let number = |v: f64| hls4rs::fixed::Fixed::<8, 4>::from_num(v);
//! let q = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0].map(number);
//! let k = [2.0, 0.5, 1.0, 3.0, 0.5, 1.0].map(number);
//! let v = [0.25, 0.5, 1.0, -1.0, 3.0, 2.0].map(number);
//! // Scores [2, 1, 0.5], [0.5, 3, 1] and [2.5, 4, 1.5]: the first word takes from the first, the others from the second.
//! let y = Attention::new().predict(&q, &k, &v).map(|y| y.to_num::<f64>());
//! assert_eq!(y, [0.25, 0.5, 1.0, -1.0, 1.0, -1.0]);
//! ```
//!
//! Attention with several heads, `h`, of a few features each, `d`. Here all scores are 0, so that every word takes the
//! mean of all:
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct MultiHead;
//!     input x: [4, 4] as Fixed<8, 4>;
//!     let q = einsum_dense(x, "nc,chd->nhd", [4, 2, 2]) { weight: 0 } as Fixed<8, 4, Rnd, Sat>;
//!     let k = einsum_dense(x, "nc,chd->nhd", [4, 2, 2]) { weight: 0.5 } as Fixed<8, 4, Rnd, Sat>;
//!     let v = einsum_dense(x, "nc,chd->nhd", [4, 2, 2]) {
//!         weight: [[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 0]], [[0, 0], [0, 1]]],
//!     } as Fixed<8, 4>;
//!     let scores = einsum(q, k, "qhd,khd->hqk") as Fixed<8, 4, Rnd, Sat>;
//!     let weights = softmax(scores) as UFixed<8, 1, Rnd, Sat>;
//!     let heads = einsum(weights, v, "hqk,khd->qhd");
//!     output y = einsum_dense(heads, "qhd,hdc->qc", [4, 4]) {
//!         weight: [[[1, 0, 0, 0], [0, 1, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 1]]],
//!     };
//! }
//!
//! let x = [1, 0, 2, 4, 3, 0, 2, 4, 1, 0, -2, 4, 3, -4, 2, 4];
//! let y = MultiHead::new().predict(&x.map(hls4rs::fixed::Fixed::<8, 4>::from_num)).map(|y| y.to_num::<f64>());
//! assert_eq!(y[..4], [2.0, -1.0, 1.0, 4.0]);
//! assert_eq!(y[12..], [2.0, -1.0, 1.0, 4.0]);
//! ```

use hls4rs_fixed::contraction::Contraction;
use hls4rs_fixed::{Format, Number};

use super::contraction::{ContractionKernel, products};
use super::int::Int;
use super::{Accum, collect, raw, with_const_container};

const fn kernel<A: Number, B: Number, S: Number, R: Number>() -> ContractionKernel {
    let formats: [Format; 4] = [A::FORMAT, B::FORMAT, S::FORMAT, R::FORMAT];
    ContractionKernel::of_tensors(formats, None)
}

/// The sum of products of two tensors along the axes of `geometry`; every sum is cast to `S`, the result to `R`.
#[inline]
pub fn einsum<A, B, S, R, const N: usize, const M: usize, const K: usize>(
    a: &[A; N],
    b: &[B; M],
    _: Accum<S>,
    geometry: Contraction<'_>,
) -> [R; K]
where
    A: Number,
    B: Number,
    S: Number,
    R: Number,
{
    with_const_container!(kernel::<A, B, S, R>().container_bits(), C => {
        let kernel = kernel::<A, B, S, R>();
        let (a, b) = (a.map(raw::<C, A>), b.map(raw::<C, B>));
        let element = |n: usize| {
            let products = products(geometry, n).map(|(i, j)| [a[i].times(b[j])]);
            kernel.element(products, C::default())
        };
        collect(&core::array::from_fn(element))
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Einsum;

    use crate::hls::{Emit, Expr, Function, Index, LayerCx};
    use crate::layers::contraction::emission::{Parts, accum, function};

    impl Emit for Einsum {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let accum = accum(cx);
            let shapes: Vec<_> = cx.inputs.iter().map(|input| &input.node.shape).collect();
            let axes = self.axes(&shapes).expect("the shapes were checked");
            let what = match &self.equation {
                Some(equation) => format!("sum of products, {equation}."),
                None => "product of matrices.".to_owned(),
            };
            let element = |n: usize, at| Expr::element(&cx.operand_name(n), cx.inputs[n].ty.format, [at]);
            let parts = Parts {
                what: &what,
                read: &|i, j| (element(0, i), element(1, j)),
                start: &|_: Index| Expr::whole(0),
                cast_products: false,
                reads: Vec::new(),
                zeros: 0,
            };
            Some(function(cx, &accum, &axes, &parts))
        }
    }
}
