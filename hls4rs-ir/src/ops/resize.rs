//! An image or a sequence stretched or shrunk.

use hls4rs_fixed::view::Axis;

use super::moves::{Move, check_image, resolve, shape_of, strides};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};

/// The longest axis that can be resized: positions are found with sixteen fraction bits in 32-bit integers.
const MAX_EXTENT: usize = 1 << 14;

/// How the new extents are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResizeBy {
    /// A sequence, by a factor.
    Factor1d,
    /// An image, by factors.
    Factor2d,
    /// An image, by its new rows and columns.
    Extents2d,
}

/// An image or a sequence stretched or shrunk by repeating or leaving out positions.
///
/// # Shapes
/// `x: [height, width, channels]`, `y: [rows, columns, channels]`, or `[width, channels]` and `[columns, channels]`.
/// `upsample1d` and `upsample2d` take factors, one for both or one for each, `resize2d` the new extents.
/// # Precision
/// `y[i, j] = result(x[p(i), q(j)])`, `p(i) = floor(i · r / 2^16)` with `r = floor(height · 2^16 / rows) + 1`, at most
/// the last row, and the same for columns: for a whole factor every position is repeated so often. `auto` is the
/// narrowest format for the range, exact.
///
/// With `io: stream` hls4ml takes whole factors only; here streams are the same as arrays.
/// # Source
/// hls4ml `nnet_utils/nnet_image.h`, `resize_nearest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resize {
    /// What `sizes` are.
    pub by: ResizeBy,
    /// Factors or extents.
    pub sizes: Vec<usize>,
}

impl Resize {
    /// A layer whose sizes are not said yet.
    pub const fn new(by: ResizeBy) -> Self {
        Self { by, sizes: Vec::new() }
    }

    fn attr(&self) -> &'static str {
        match self.by {
            ResizeBy::Factor1d | ResizeBy::Factor2d => "factor",
            ResizeBy::Extents2d => "size",
        }
    }

    /// The new extents of all axes but the channels.
    fn extents(&self, x: &Shape) -> Option<Vec<usize>> {
        let times = |factors: &[usize]| x.iter().zip(factors).map(|(n, factor)| n.checked_mul(*factor)).collect();
        match (self.by, &self.sizes[..]) {
            (ResizeBy::Factor1d, &[factor]) => times(&[factor]),
            (ResizeBy::Factor2d, &[factor]) => times(&[factor, factor]),
            (ResizeBy::Factor2d, &[rows, columns]) => times(&[rows, columns]),
            (ResizeBy::Extents2d, &[rows, columns]) => Some(vec![rows, columns]),
            _ => None,
        }
    }
}

impl Layer for Resize {
    fn keyword(&self) -> &'static str {
        match self.by {
            ResizeBy::Factor1d => "upsample1d",
            ResizeBy::Factor2d => "upsample2d",
            ResizeBy::Extents2d => "resize2d",
        }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let (name, doc) = match self.by {
            ResizeBy::Factor1d => ("factor", "how often every position is repeated"),
            ResizeBy::Factor2d => ("factor", "how often every row and column is repeated, such as `[2, 2]`"),
            ResizeBy::Extents2d => ("size", "rows and columns of the result, such as `[8, 8]`"),
        };
        vec![Attr { name, doc, value: AttrRef::Sizes(&mut self.sizes) }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let x = inputs[0];
        check_image(x, self.by != ResizeBy::Factor1d)?;
        let found = || format!("{:?}", self.sizes);
        let Some(mut extents) = self.extents(x) else {
            let expected = match self.by {
                ResizeBy::Factor1d => "one factor",
                ResizeBy::Factor2d => "one factor, or two for rows and columns",
                ResizeBy::Extents2d => "two extents [rows, columns]",
            };
            return Err(Unfit::Attr { name: self.attr(), expected: expected.to_owned(), found: found() });
        };
        if extents.iter().chain(&x[..extents.len()]).any(|&extent| extent > MAX_EXTENT) {
            let expected = format!("no axis longer than {MAX_EXTENT}, before and after");
            return Err(Unfit::Attr { name: self.attr(), expected, found: found() });
        }
        extents.push(x.channels());
        shape_of(&extents, self.attr(), found())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        resolve(self, cx)
    }
}

impl Move for Resize {
    fn axes(&self, x: &Shape) -> Vec<Axis> {
        let strides = strides(x);
        let mut axes = super::moves::kept(x);
        let extents = self.extents(x).expect("the sizes were checked");
        for (at, &output) in extents.iter().enumerate() {
            axes[at] = Axis::nearest(x[at], strides[at], output);
        }
        axes
    }
}
