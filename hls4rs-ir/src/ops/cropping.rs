//! A part of an image or a sequence.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, check_image, resolve, shape_of, sides, strides};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// An image without some rows and columns at its border, or a sequence without some positions at its ends.
///
/// # Shapes
/// `x: [height, width, channels]`, `y: [height - top - bottom, width - left - right, channels]`; one dimension less for
/// a sequence.
/// # Precision
/// One cast of each element to the result; `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_cropping.h`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cropping {
    /// Of an image of rows and columns, else of a sequence.
    pub image: bool,
    /// How much goes: in front and behind, of rows, then of columns.
    pub crop: Vec<usize>,
}

impl Cropping {
    /// A layer whose cropping is not said yet.
    pub const fn new(image: bool) -> Self {
        Self { image, crop: Vec::new() }
    }
}

impl Layer for Cropping {
    fn keyword(&self) -> &'static str {
        if self.image { "cropping2d" } else { "cropping1d" }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Counts(&mut self.crop);
        vec![Attr { name: "crop", doc: "what goes on every side, top, bottom, left, right", value }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let x = inputs[0];
        check_image(x, self.image)?;
        let found = || format!("{:?}", self.crop);
        let mut extents = x.to_vec();
        for (extent, [before, after]) in extents.iter_mut().zip(sides(&self.crop, self.image, "crop")?) {
            if before + after >= *extent {
                let expected = format!("numbers that leave something of {x}");
                return Err(Unfit::Attr { name: "crop", expected, found: found() });
            }
            *extent -= before + after;
        }
        shape_of(&extents, "crop", found())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for Cropping {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        let mut axes = super::moves::kept(x);
        let strides = strides(x);
        for (at, pair) in self.crop.chunks(2).enumerate() {
            axes[at] = Axis::cropped(x[at], strides[at], pair[0], x[at] - pair[0] - pair[1]);
        }
        axes
    }
}
