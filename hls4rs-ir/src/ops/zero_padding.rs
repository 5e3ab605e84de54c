//! Zeros around an image or a sequence.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, check_image, resolve, shape_of, sides, strides};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// Zeros around an image, or before and after a sequence.
///
/// # Shapes
/// `x: [height, width, channels]`, `y: [top + height + bottom, left + width + right, channels]`; one dimension less for
/// a sequence.
/// # Precision
/// One cast of each element to the result; `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_padding.h`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZeroPadding {
    /// Around an image of rows and columns, else a sequence.
    pub image: bool,
    /// How many zeros: in front and behind, of rows, then of columns.
    pub pad: Vec<usize>,
}

impl ZeroPadding {
    /// A layer whose padding is not said yet.
    pub const fn new(image: bool) -> Self {
        Self { image, pad: Vec::new() }
    }
}

impl Layer for ZeroPadding {
    fn keyword(&self) -> &'static str {
        if self.image { "zero_padding2d" } else { "zero_padding1d" }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Counts(&mut self.pad);
        vec![Attr { name: "pad", doc: "zeros on every side, top, bottom, left, right", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let x = inputs[0];
        check_image(x, self.image)?;
        let mut extents = x.to_vec();
        for (extent, [before, after]) in extents.iter_mut().zip(sides(&self.pad, self.image, "pad")?) {
            *extent += before + after;
        }
        shape_of(&extents, "pad", format!("{:?}", self.pad))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for ZeroPadding {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        let mut axes = super::moves::kept(x);
        let strides = strides(x);
        for (at, pair) in self.pad.chunks(2).enumerate() {
            let output = pair[0] + x[at] + pair[1];
            axes[at] = Axis::padded(x[at], strides[at], pair[0], output);
        }
        axes
    }
}
