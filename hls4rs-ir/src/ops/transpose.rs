//! Axes in another order.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, resolve, strides};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// Transposition: axis `n` of the result is axis `axes[n]` of the input.
///
/// # Shapes
/// `x: any`; without `axes` they are reversed.
/// # Precision
/// One cast of each element to the result; `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_transpose.h`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transpose {
    /// The axes of the input in the order of the result, outermost is 0, negative counts from the end.
    pub axes: Vec<i32>,
}

impl Transpose {
    /// The axes of an input in the order of the result; `None` if the list is not one of all of them.
    fn order(&self, rank: usize) -> Option<Vec<usize>> {
        if self.axes.is_empty() {
            return Some((0..rank).rev().collect());
        }
        let order: Vec<_> =
            self.axes.iter().map(|&axis| super::axis_of(axis, rank)).collect::<Option<_>>()?;
        let all = order.len() == rank && (0..rank).all(|axis| order.contains(&axis));
        all.then_some(order)
    }
}

impl Layer for Transpose {
    fn keyword(&self) -> &'static str {
        "transpose"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Axes(&mut self.axes);
        vec![Attr { name: "axes", doc: "axes of the input in the order of the result, such as `[1, 0]`", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let x = inputs[0];
        let Some(order) = self.order(x.rank()) else {
            let all: Vec<_> = (0..x.rank()).collect();
            let expected = format!("each axis of {x} once, {all:?} in any order");
            return Err(Unfit::Attr { name: "axes", expected, found: format!("{:?}", self.axes) });
        };
        let extents: Vec<_> = order.iter().map(|&axis| x[axis]).collect();
        Ok(Shape::new(&extents).expect("as many elements as the input"))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for Transpose {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        let strides = strides(x);
        let order = self.order(x.rank()).expect("the axes were checked");
        order.iter().map(|&axis| Axis::kept(x[axis], strides[axis])).collect()
    }
}
