//! Layers that join two inputs element by element.

use hls4rs_fixed::{Format, Wide};

use super::{Arity, Layer, Unfit};
use crate::range::{Interval, Ranges, aligned};
use crate::resolve::{Done, NodeCx};
use crate::Shape;

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
/// `a: any`, `b` and `y` as `a`.
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
        if inputs[0] == inputs[1] {
            return Ok(inputs[0].clone());
        }
        Err(Unfit::Input { n: 1, expected: format!("{}, the shape of the other input", inputs[0]), help: None })
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
                MergeOp::Multiply if square => square_of(a),
                MergeOp::Multiply => a.product(b),
                MergeOp::Maximum => Interval { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi) },
                MergeOp::Minimum => Interval { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi) },
            }
        };
        let elements = a.range.elements.iter().zip(&b.range.elements).map(join).collect();
        Some(cx.settle_result(&Ranges { frac_bits: exact.frac_bits(), elements }).into())
    }
}

/// Squares of the values of an interval.
fn square_of(x: Interval) -> Interval {
    let (lo, hi) = (x.lo * x.lo, x.hi * x.hi);
    if x.lo.is_negative() && !x.hi.is_negative() {
        Interval { lo: Wide::ZERO, hi: lo.max(hi) }
    } else {
        Interval::new(lo, hi)
    }
}
