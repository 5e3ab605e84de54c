//! Layers that join two inputs element by element.

use hls4rs_fixed::Format;
use hls4rs_fixed::view::Axis;

use super::moves::{broadcast_axes, viewed};
use super::{Arity, Layer, Unfit};
use crate::Shape;
use crate::range::{Interval, Ranges, aligned};
use crate::resolve::{Done, NodeCx};

/// How two elements are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MergeOp {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a · b`.
    Multiply,
    /// `(a + b) / 2`.
    Average,
    /// `a > b ? a : b`.
    Maximum,
    /// `a < b ? a : b`.
    Minimum,
}

/// Two inputs joined element by element.
///
/// # Shapes
/// From the last axis outwards, the extents of `a` and `b` are equal, or one of them is 1 or missing; that input is
/// repeated along the axis, and `y` has the other's extent. hls4ml computes something else, without a word, where
/// the repeated axis is not an outer one (`[4, 3]` and `[4, 1]`).
/// # Precision
/// Sums, products, the half and comparisons are exact, also between signed and unsigned inputs of any width (the
/// vendors' simulation headers compare wide ones wrongly); one cast to the result. `auto` is the narrowest format for
/// the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_merge.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// How.
    pub op: MergeOp,
}

impl Merge {
    /// The exact format of the joined value, before the cast; for maximum and minimum the format in which the inputs
    /// are compared.
    pub const fn exact(&self, a: Format, b: Format) -> Format {
        match self.op {
            MergeOp::Add => a.sum(b),
            MergeOp::Subtract => a.difference(b),
            MergeOp::Multiply => a.product(b),
            MergeOp::Average => a.sum(b).product(Format::ufixed(1, 0)),
            MergeOp::Maximum | MergeOp::Minimum => aligned(a, b),
        }
    }
}

impl Merge {
    /// How the elements of an input are spread over the result; `None` if it has the shape of the result.
    pub fn spread(input: &Shape, result: &Shape) -> Option<Vec<Axis>> {
        (input != result).then(|| broadcast_axes(input, result))
    }

    /// The shape of both inputs together.
    fn common(a: &Shape, b: &Shape) -> Option<Shape> {
        let rank = a.rank().max(b.rank());
        let extent = |shape: &Shape, axis: usize| match (axis + shape.rank()).checked_sub(rank) {
            Some(own) => shape[own],
            None => 1,
        };
        let join = |axis| match (extent(a, axis), extent(b, axis)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        };
        let extents: Vec<_> = (0..rank).map(join).collect::<Option<_>>()?;
        Shape::new(&extents).ok()
    }
}

impl Layer for Merge {
    fn keyword(&self) -> &'static str {
        match self.op {
            MergeOp::Add => "add",
            MergeOp::Subtract => "subtract",
            MergeOp::Multiply => "multiply",
            MergeOp::Average => "average",
            MergeOp::Maximum => "maximum",
            MergeOp::Minimum => "minimum",
        }
    }

    fn arity(&self) -> Arity {
        Arity::Exactly(2)
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Self::common(inputs[0], inputs[1]).ok_or_else(|| {
            let expected = format!("{}, the shape of the other input, or 1 in place of an extent", inputs[0]);
            Unfit::Input { n: 1, expected, help: None }
        })
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let (a, b) = (cx.input(0), cx.input(1));
        let exact = cx.exact(0, self.exact(a.result(), b.result()))?;
        // Aligned to each other; for a product the units multiply instead.
        let common = a.range.frac_bits.max(b.range.frac_bits);
        let bits = |from: i32| if self.op == MergeOp::Multiply { 0 } else { (common - from).unsigned_abs() };
        let (a_bits, b_bits) = (bits(a.range.frac_bits), bits(b.range.frac_bits));
        let square = self.op == MergeOp::Multiply && cx.node().inputs[0] == cx.node().inputs[1];
        let join = |(a, b): (&Interval, &Interval)| {
            let (a, b) = (a.finer(a_bits), b.finer(b_bits));
            match self.op {
                MergeOp::Add | MergeOp::Average => a.sum(b),
                MergeOp::Subtract => a.difference(b),
                MergeOp::Multiply if square => a.square(),
                MergeOp::Multiply => a.product(b),
                MergeOp::Maximum => Interval { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi) },
                MergeOp::Minimum => Interval { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi) },
            }
        };
        let shape = &cx.node().shape;
        let spread = |n: usize| match Self::spread(cx.input_shape(n), shape) {
            Some(axes) => viewed(&cx.input(n).range, &axes).elements,
            None => cx.input(n).range.elements.clone(),
        };
        let elements = spread(0).iter().zip(&spread(1)).map(join).collect();
        Some(cx.settle_result(&Ranges { frac_bits: exact.frac_bits(), elements }).into())
    }
}
