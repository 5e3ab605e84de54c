//! Pooling over all positions.

use hls4rs_fixed::window::{Order, Window};

use super::moves::reshape;
use super::pool::{PoolOp, Pooling};
use super::{Layer, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::hardware::Io;
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// The largest value or the mean of each channel over all positions.
///
/// # Shapes
/// `x: [width, channels]` or `[height, width, channels]`; `y: [channels]`, with `keepdims` as many axes as `x`, all but
/// the last of extent 1.
/// # Precision
/// As for windows ([`Pool`](super::Pool)) with `io: parallel`. With `io: stream` a value is cast to `accum` first, and
/// the running sum is cast at every addition: `s = A(s + A(x))`.
/// # Source
/// hls4ml `nnet_utils/nnet_pooling.h`, `nnet_pooling_stream.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalPool {
    /// Largest or mean.
    pub op: PoolOp,
    /// Whether the result has as many axes as the input.
    pub keepdims: bool,
}

impl GlobalPool {
    /// A result of the channels alone.
    pub const fn new(op: PoolOp) -> Self {
        Self { op, keepdims: false }
    }

    /// The one window.
    pub fn window(x: &Shape) -> Window {
        let input = [1, x.elements() / x.channels()];
        Window { input, kernel: input, stride: [1, 1], dilation: [1, 1], before: [0, 0], output: [1, 1] }
    }

    /// In which order the values are joined.
    pub const fn order(io: Io) -> Order {
        match io {
            Io::Parallel => Order::Direct,
            Io::Stream => Order::Running,
        }
    }
}

impl Layer for GlobalPool {
    fn keyword(&self) -> &'static str {
        match self.op {
            PoolOp::Max => "global_max_pool",
            PoolOp::Average => "global_avg_pool",
        }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Flag(&mut self.keepdims);
        vec![Attr { name: "keepdims", doc: "whether the result has as many axes as the input", value }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let rank = inputs[0].rank();
        if !(2..=3).contains(&rank) {
            let expected = "a sequence [width, channels] or an image [height, width, channels]".to_owned();
            let to = if rank == 1 { "[width, channels]" } else { "[height, width, channels]" };
            return Err(Unfit::Input { n: 0, expected, help: reshape(to) });
        }
        let mut extents = vec![1; if self.keepdims { rank } else { 1 }];
        *extents.last_mut().expect("at least one axis") = inputs[0].channels();
        Ok(Shape::new(&extents).expect("smaller than the input"))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let window = Self::window(cx.input_shape(0));
        Pooling { op: self.op, window, count_pad: false, order: Self::order(cx.io()) }.resolve(cx)
    }
}
