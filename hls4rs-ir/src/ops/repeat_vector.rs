//! A vector several times.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, resolve, shape_of};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// A vector repeated: `y[i, j] = x[j]`.
///
/// # Shapes
/// `x: [channels]`, `y: [n, channels]`.
/// # Precision
/// One cast of each element to the result; `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_stream.h`, `repack_stream` and `broadcast_stream`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepeatVector {
    /// How often.
    pub n: usize,
}

impl Layer for RepeatVector {
    fn keyword(&self) -> &'static str {
        "repeat_vector"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "n", doc: "how often", value: AttrRef::Size(&mut self.n) }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if inputs[0].rank() != 1 {
            let (expected, help) = ("a vector [channels]".to_owned(), "insert `flatten` before this layer");
            return Err(Unfit::Input { n: 0, expected, help: Some(help.to_owned()) });
        }
        if self.n == 0 {
            let expected = "how often the vector is repeated, at least 1".to_owned();
            return Err(Unfit::Attr { name: "n", expected, found: "0".to_owned() });
        }
        shape_of(&[self.n, inputs[0].elements()], "n", self.n.to_string())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for RepeatVector {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        vec![Axis::repeated(self.n), Axis::kept(x.elements(), 1)]
    }
}
