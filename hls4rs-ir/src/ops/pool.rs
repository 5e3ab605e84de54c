//! Pooling: the largest value or the mean under a window that slides over an image.

use hls4rs_fixed::window::{Order, Window};

use super::moves::{check_image, shape_of};
use super::{Layer, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::hardware::Io;
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

mod ranges;

pub(super) use ranges::Pooling;

/// What becomes of the values under a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolOp {
    /// The largest.
    Max,
    /// The mean.
    Average,
}

/// How much is added around an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PoolPadding {
    /// Nothing, or what is written in `pad`.
    #[default]
    Valid,
    /// As much as gives `ceil(input / stride)` windows, the smaller half in front.
    Same,
}

/// Pooling over windows of each channel: `y[r, s, c] = max` or `mean of x[r·stride + i, s·stride + j, c]`.
///
/// # Shapes
/// Two dimensions: `x: [height, width, channels]`, `y: [rows, columns, channels]`. One dimension: the same without the
/// height. `pool`, `stride` and `pad` may be a single number for both dimensions.
/// Without padding `rows = floor((height - pool) / stride) + 1`; every window must reach the input.
/// # Precision
/// `A` is the cast to `accum`. Padding never is the largest value, and adds nothing to a sum; a sum is divided by the
/// number of values on the input, or by all of the window with `count_pad`. A quotient is truncated toward zero at the
/// last fraction bit of `accum`, then cast to the result.
/// - `io: parallel`: the largest value is found in the input's format and then cast, `result(A(max x))`; a sum runs over
///   the window row by row from 0, `s = A(s + x)`.
/// - `io: stream`: values are cast first, `result(max A(x))`; a sum is a tree of additions `A(a + b)` over the whole
///   window, whose left branch is the greatest power of two below the number of values.
///
/// `accum: auto` is exact: the input's unit and range for the largest value; for sums room for the largest, and
/// `ceil(log2 pool)` fraction bits more than the input, so that a division by a power of two loses nothing.
///
/// hls4ml pads unsigned inputs of a largest value with half of their range, and cannot pad in streams: here padding
/// means the same everywhere.
/// # Source
/// hls4ml `nnet_utils/nnet_pooling.h`, `nnet_pooling_stream.h`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Largest or mean.
    pub op: PoolOp,
    /// Over an image of rows and columns, else over a sequence.
    pub image: bool,
    /// Extents of the window.
    pub pool: Vec<usize>,
    /// Steps between windows; empty for the extents of the window.
    pub stride: Vec<usize>,
    /// How the padding is found.
    pub padding: PoolPadding,
    /// Padding in front and behind, of rows, then of columns; empty for none.
    pub pad: Vec<usize>,
    /// Whether padding counts in a mean.
    pub count_pad: bool,
}

impl Pool {
    /// Pooling without padding, over windows of no size yet.
    pub const fn new(op: PoolOp, image: bool) -> Self {
        Self {
            op,
            image,
            pool: Vec::new(),
            stride: Vec::new(),
            padding: PoolPadding::Valid,
            pad: Vec::new(),
            count_pad: false,
        }
    }

    /// The windows over an input.
    ///
    /// # Errors
    /// Which attribute does not go with the input.
    pub fn window(&self, x: &Shape) -> Result<Window, Unfit> {
        let input = positions(x, self.image)?;
        let kernel = self.extents("pool", &self.pool, "one number for the extent of a window")?;
        let stride = match self.stride.is_empty() {
            true => kernel,
            false => self.extents("stride", &self.stride, "one number for the step between windows")?,
        };
        let pad = self.padding(input, kernel, stride)?;
        let mut window =
            Window { input, kernel, stride, dilation: [1, 1], before: [pad[0], pad[2]], output: [1, 1] };
        for axis in 0..2 {
            let padded = input[axis] + pad[2 * axis] + pad[2 * axis + 1];
            if padded < kernel[axis] {
                let expected = format!("a window of at most {padded} of {x} with its padding");
                return Err(Unfit::Attr { name: "pool", expected, found: format!("{:?}", self.pool) });
            }
            window.output[axis] = (padded - kernel[axis]) / stride[axis] + 1;
        }
        // The first window lies furthest in front, the last one furthest behind.
        let reaches = |axis: usize| {
            let last = (window.output[axis] - 1) * window.stride[axis];
            kernel[axis] > window.before[axis] && last < window.before[axis] + input[axis]
        };
        if !(0..2).all(reaches) {
            let expected = "padding that leaves no window without a value of the input".to_owned();
            return Err(Unfit::Attr { name: "pad", expected, found: format!("{:?}", self.pad) });
        }
        Ok(window)
    }

    /// One number for each dimension, or one for all.
    fn extents(&self, name: &'static str, list: &[usize], one: &str) -> Result<[usize; 2], Unfit> {
        match (list, self.image) {
            (&[n], true) => Ok([n, n]),
            (&[n], false) => Ok([1, n]),
            (&[rows, columns], true) => Ok([rows, columns]),
            _ => {
                let more = if self.image { ", or two for rows and columns" } else { "" };
                Err(Unfit::Attr { name, expected: format!("{one}{more}"), found: format!("{list:?}") })
            }
        }
    }

    /// Padding above, below, on the left and on the right.
    fn padding(&self, input: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Result<[usize; 4], Unfit> {
        if self.padding == PoolPadding::Same {
            if !self.pad.is_empty() {
                let expected = "no `pad` beside `padding: same`".to_owned();
                return Err(Unfit::Attr { name: "pad", expected, found: format!("{:?}", self.pad) });
            }
            let [top, bottom] = same(input[0], kernel[0], stride[0]);
            let [left, right] = same(input[1], kernel[1], stride[1]);
            return Ok([top, bottom, left, right]);
        }
        match (&self.pad[..], self.image) {
            ([], _) => Ok([0; 4]),
            (&[left, right], false) => Ok([0, 0, left, right]),
            (&[top, bottom, left, right], true) => Ok([top, bottom, left, right]),
            _ => {
                let sides = if self.image { "[top, bottom, left, right]" } else { "[left, right]" };
                let expected = format!("the padding on all sides, {sides}");
                Err(Unfit::Attr { name: "pad", expected, found: format!("{:?}", self.pad) })
            }
        }
    }
}

/// Padding in front and behind for `ceil(input / stride)` windows.
fn same(input: usize, kernel: usize, stride: usize) -> [usize; 2] {
    let rest = if input.is_multiple_of(stride) { stride } else { input % stride };
    let total = kernel.saturating_sub(rest);
    [total / 2, total - total / 2]
}

/// Rows and columns of an input with channels.
fn positions(x: &Shape, image: bool) -> Result<[usize; 2], Unfit> {
    check_image(x, image)?;
    Ok(if image { [x[0], x[1]] } else { [1, x[0]] })
}

impl Layer for Pool {
    fn keyword(&self) -> &'static str {
        match (self.op, self.image) {
            (PoolOp::Max, false) => "max_pool1d",
            (PoolOp::Max, true) => "max_pool2d",
            (PoolOp::Average, false) => "avg_pool1d",
            (PoolOp::Average, true) => "avg_pool2d",
        }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { op, image: _, pool, stride, padding, pad, count_pad } = self;
        let index = *padding as usize;
        let set = Box::new(move |index| *padding = [PoolPadding::Valid, PoolPadding::Same][index]);
        let attr = |name, doc, value| Attr { name, doc, value };
        let mut attrs = vec![
            attr("pool", "extents of the window, such as `[2, 2]`", AttrRef::Sizes(pool)),
            attr("stride", "steps between windows, by default the extents", AttrRef::Sizes(stride)),
            attr(
                "padding",
                "`valid` for none, `same` for as much as keeps `ceil(input / stride)`",
                AttrRef::Choice { allowed: &["valid", "same"], index, set },
            ),
            attr("pad", "padding on every side, top, bottom, left, right", AttrRef::Counts(pad)),
        ];
        if *op == PoolOp::Average {
            attrs.push(attr("count_pad", "whether padding counts in the mean", AttrRef::Flag(count_pad)));
        }
        attrs
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let [height, width] = self.window(inputs[0])?.output;
        let mut extents = vec![height, width, inputs[0].channels()];
        if !self.image {
            extents.remove(0);
        }
        shape_of(&extents, "pad", format!("{:?}", self.pad))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let window = self.window(cx.input_shape(0)).expect("the shape was checked");
        Pooling { op: self.op, window, count_pad: self.count_pad, order: pool_order(cx.io()) }.resolve(cx)
    }
}

/// In which order pooling joins the values of a window.
pub const fn pool_order(io: Io) -> Order {
    match io {
        Io::Parallel => Order::Direct,
        Io::Stream => Order::Tree,
    }
}
