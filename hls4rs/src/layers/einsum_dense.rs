//! The product of a tensor with stored weights along any axes.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Mixed;
//!     input x: [2, 3] as Fixed<8, 4>;
//!     // The same weights for both rows; an offset for each column.
//!     output y = einsum_dense(x, "nc,cd->nd", [2, 2]) {
//!         weight: [[1, 2], [0, -1], [0.5, 0]], bias: [[0.25, 1]],
//!     };
//! }
//!
//! let x = [1.0, 2.0, 3.0, -1.0, 0.5, 0.0].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! // 1 + 1.5 + 0.25, 2 - 2 + 1; -1 + 0.25, -2 - 0.5 + 1.
//! assert_eq!(Mixed::new().predict(&x).map(|y| y.to_num::<f64>()), [2.75, 1.0, -0.75, -1.5]);
//! ```

use hls4rs_fixed::Number;
use hls4rs_fixed::contraction::Contraction;

use super::contraction::{ContractionKernel, products};
use super::int::Int;
use super::{Accum, Constants, Values, collect, raw, with_const_container};

const fn kernel<X: Number, W: Number, B: Number, A: Number, R: Number>() -> ContractionKernel {
    ContractionKernel::of_weights([X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT], None)
}

/// The sum of products of a tensor with weights along the axes of `geometry`, plus a bias for each element of the
/// result; every product and every sum is cast to `A`, the result to `R`.
#[inline]
pub fn einsum_dense<X, W, B, A, R, const N: usize, const M: usize, const K: usize>(
    x: &[X; N],
    weight: &Constants<W, M>,
    bias: &Constants<B, K>,
    _: Accum<A>,
    geometry: Contraction<'_>,
) -> [R; K]
where
    X: Number,
    W: Number,
    B: Number,
    A: Number,
    R: Number,
{
    with_const_container!(kernel::<X, W, B, A, R>().container_bits(), C => {
        let kernel = kernel::<X, W, B, A, R>();
        let x = x.map(raw::<C, X>);
        let element = |n: usize| {
            let products = products(geometry, n).map(|(i, j)| [x[i].times(C::from_i64(weight.at(j)))]);
            kernel.element(products, kernel.bias(bias.at(n)))
        };
        collect(&core::array::from_fn(element))
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::EinsumDense;

    use crate::hls::{Emit, Expr, Function, LayerCx, Storage};
    use crate::layers::contraction::emission::{Parts, accum, function};
    use crate::layers::contraction::products;

    impl Emit for EinsumDense {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let accum = accum(cx);
            let axes = self.axes(&cx.x().node.shape).expect("the shape was checked");
            let mut flat = |slot, doc| {
                let raw = cx.facts.constant(slot).raw.clone();
                cx.arranged(slot, vec![raw.len()], raw, Storage::Registers, doc)
            };
            let weight = flat(Slot::Weight, "weight");
            let bias = cx.stored(Slot::Bias).map(|bias| {
                cx.arranged(Slot::Bias, vec![bias.raw.len()], bias.raw.clone(), Storage::Registers, "bias")
            });
            let geometry = axes.contraction();
            let zero = |n| products(geometry, n).filter(|&(_, j)| weight.raw[j] == 0).count();
            let parts = Parts {
                what: &format!("sum of products with weights, {}.", self.equation),
                read: &|i, j| (cx.read_x(i), weight.at([j])),
                start: &|at| bias.as_ref().map_or(Expr::whole(0), |bias| bias.at([at])),
                cast_products: true,
                reads: [Some(&weight), bias.as_ref()].into_iter().flatten().collect(),
                zeros: (0..geometry.outputs()).map(zero).sum(),
            };
            Some(function(cx, &accum, &axes, &parts))
        }
    }
}
