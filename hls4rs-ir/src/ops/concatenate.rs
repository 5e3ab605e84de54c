//! The layer that puts tensors side by side.

use super::moves::shape_of;
use super::{Arity, Layer, Unfit, axis_of};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::range::Ranges;
use crate::resolve::{Done, NodeCx};

/// Concatenation along one axis, in the order of the inputs.
///
/// # Shapes
/// All inputs have the same extents but for `axis`; there the result has the sum of theirs.
/// # Precision
/// One cast of each element to the result. `auto` is the narrowest format for the ranges of all inputs.
/// # Source
/// hls4ml `nnet_utils/nnet_merge.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concatenate {
    /// The axis, the outermost is 0; negative counts from the end.
    pub axis: i32,
}

impl Default for Concatenate {
    fn default() -> Self {
        Self { axis: -1 }
    }
}

impl Concatenate {
    /// How the elements interleave: the number of rounds, and how many elements each input gives in every round.
    ///
    /// # Panics
    /// If the axis is not one of the shapes'.
    pub fn rounds(&self, inputs: &[&Shape]) -> (usize, Vec<usize>) {
        let axis = axis_of(self.axis, inputs[0].rank()).expect("the axis was checked with the shapes");
        let rounds = inputs[0][..axis].iter().product();
        (rounds, inputs.iter().map(|shape| shape[axis..].iter().product()).collect())
    }
}

impl Layer for Concatenate {
    fn keyword(&self) -> &'static str {
        "concatenate"
    }

    fn arity(&self) -> Arity {
        Arity::AtLeast(2)
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr {
            name: "axis",
            doc: "axis that grows, outermost is 0, negative counts from the end",
            value: AttrRef::Axis(&mut self.axis),
        }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let first = inputs[0];
        let axis = axis_of(self.axis, first.rank()).ok_or_else(|| Unfit::Attr {
            name: "axis",
            expected: format!("an axis of {first}, {} to {}", -(first.rank() as i32), first.rank() as i32 - 1),
            found: self.axis.to_string(),
        })?;
        let others = |shape: &Shape| {
            shape.rank() == first.rank() && (0..first.rank()).all(|a| a == axis || shape[a] == first[a])
        };
        if let Some(n) = inputs.iter().position(|shape| !others(shape)) {
            let pattern: Vec<_> =
                (0..first.rank()).map(|a| if a == axis { "n".to_owned() } else { first[a].to_string() }).collect();
            let expected = format!("[{}] beside {first}", pattern.join(", "));
            return Err(Unfit::Input { n, expected, help: None });
        }
        let mut extents = first.to_vec();
        extents[axis] = inputs.iter().map(|shape| shape[axis]).sum();
        shape_of(&extents, "axis", self.axis.to_string())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let inputs = 0..cx.n_inputs();
        let common = inputs.clone().map(|n| cx.input(n).result()).reduce(crate::range::aligned)?;
        let frac_bits = cx.exact(0, common)?.frac_bits();
        let aligned: Vec<Ranges> = inputs.clone().map(|n| cx.input(n).range.align(frac_bits)).collect();
        let shapes: Vec<&Shape> = inputs.map(|n| cx.input_shape(n)).collect();
        let (rounds, shares) = self.rounds(&shapes);
        let share = |round: usize, n: usize| &aligned[n].elements[round * shares[n]..][..shares[n]];
        let elements =
            (0..rounds).flat_map(|round| (0..shares.len()).flat_map(move |n| share(round, n).iter().copied()));
        let elements = elements.collect();
        Some(cx.settle_result(&Ranges { frac_bits, elements }).into())
    }
}
