//! The scalar product of two vectors.

use hls4rs_fixed::window::Order;

use super::running::RunningSums;
use super::{Arity, Layer, Unfit};
use crate::hardware::Multiplications;
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Scalar product: `y = Σᵢ a[i] · b[i]`.
///
/// # Shapes
/// `a: [n]`, `b: [n]`, `y: [1]`.
/// # Precision
/// Each product is cast to `accum`; the sum starts from 0, runs over rising `i` and is cast at every addition; one cast
/// to the result. `accum: auto` has the unit of the exact products and room for the largest sum; the result is exact.
/// # Hardware
/// At most `ceil(n / reuse_factor)` multipliers; interval `reuse_factor` cycles.
/// # Source
/// hls4ml `nnet_utils/nnet_merge.h`, `dot1d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dot;

impl Layer for Dot {
    fn keyword(&self) -> &'static str {
        "dot"
    }

    fn arity(&self) -> Arity {
        Arity::Exactly(2)
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if inputs[0].rank() != 1 {
            let help = Some("insert `flatten` before this layer".to_owned());
            return Err(Unfit::Input { n: 0, expected: "a vector [n]".to_owned(), help });
        }
        if inputs[0] != inputs[1] {
            let expected = format!("{}, the shape of the other input", inputs[0]);
            return Err(Unfit::Input { n: 1, expected, help: None });
        }
        Ok(Shape::new(&[1]).expect("a valid shape"))
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        Some(Multiplications::matrix(inputs[0].elements(), 1))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let (a, b) = (cx.input(0), cx.input(1));
        cx.exact(0, a.result().product(b.result()))?;
        let square = cx.node().inputs[0] == cx.node().inputs[1];
        let pairs = a.range.elements.iter().zip(&b.range.elements);
        let terms = pairs.map(|(a, b)| if square { a.square() } else { a.product(*b) }).collect();
        let sums = RunningSums {
            order: Order::Running,
            frac_bits: a.range.frac_bits + b.range.frac_bits,
            format: a.range.format().product(b.range.format()),
            terms: vec![terms],
        };
        let auto = sums.exact().format();
        let (total, accumulation) = sums.settle(cx, auto)?;
        Some(Done { range: cx.settle_result(&total), accumulation: Some(accumulation) })
    }
}
