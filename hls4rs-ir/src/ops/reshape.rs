//! The layer that changes the shape and leaves the values in their order.

use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// Reshape or flatten: the same values in the same row-major order under another shape.
///
/// # Shapes
/// `x: any`, `y: shape`, with as many elements; without a shape, `y: [x.elements()]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reshape {
    /// The shape of the result; empty to flatten.
    pub shape: Vec<usize>,
    /// Made by the keyword `flatten`, which takes no shape.
    pub flatten: bool,
}

impl Reshape {
    /// A layer that flattens.
    pub fn flatten() -> Self {
        Self { shape: Vec::new(), flatten: true }
    }
}

impl Layer for Reshape {
    fn keyword(&self) -> &'static str {
        if self.flatten { "flatten" } else { "reshape" }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        if self.flatten {
            return Vec::new();
        }
        let value = AttrRef::Sizes(&mut self.shape);
        vec![Attr { name: "shape", doc: "shape of the result, such as `[4, 8]`", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let elements = inputs[0].elements();
        let target = if self.flatten { vec![elements] } else { self.shape.clone() };
        Shape::new(&target).ok().filter(|s| s.elements() == elements).ok_or_else(|| Unfit::Attr {
            name: "shape",
            expected: format!("a shape of {elements} values, as many as {}", inputs[0]),
            found: format!("{target:?}"),
        })
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        Some(cx.settle_result(&x.range).into())
    }
}
