//! A tensor repeated along axes.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, broadcast_axes, resolve, shape_of};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// A tensor repeated where its extent is 1, until it has a shape.
///
/// # Shapes
/// `x: any`; from the last axis outwards each extent is that of `shape`, or 1, or missing.
/// # Precision
/// One cast of each element to the result; `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_stream.h`, `broadcast_stream`; any axes can be repeated here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broadcast {
    /// The shape of the result.
    pub shape: Vec<usize>,
}

impl Layer for Broadcast {
    fn keyword(&self) -> &'static str {
        "broadcast"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Sizes(&mut self.shape);
        vec![Attr { name: "shape", doc: "shape of the result, such as `[4, 4, 8]`", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let x = inputs[0];
        let fits = |to: &Shape| {
            let mut pairs = x.iter().rev().zip(to.iter().rev());
            x.rank() <= to.rank() && pairs.all(|(from, to)| from == to || *from == 1)
        };
        let found = || format!("{:?}", self.shape);
        let given = !self.shape.is_empty();
        let to = given.then(|| shape_of(&self.shape, "shape", found())).transpose()?;
        to.filter(fits).ok_or_else(|| Unfit::Attr {
            name: "shape",
            expected: format!("a shape in which only extents of 1 of {x} grow, and new axes come first"),
            found: found(),
        })
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for Broadcast {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        let to = Shape::new(&self.shape).expect("the shape was checked");
        broadcast_axes(x, &to)
    }
}
