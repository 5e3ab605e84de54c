//! Sums along axes.

use hls4rs_ir::ops::{EinsumDense, Reshape};
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::super::call::{Call, Value};

/// The layers `QSum` and `QMeanPow2`: a product with the same power of two everywhere.
pub(super) fn sum(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let (axes, keeps) = (attributes.integers("axes"), attributes.flag("keepdims", false));
    let is_mean = attributes.class() == "QMeanPow2";
    let scale = if is_mean { None } else { Some(attributes.optional_real("scale").unwrap_or(1.0)) };
    if scale.is_some_and(|scale| scale <= 0.0 || scale.log2().fract() != 0.0) {
        attributes.wrong("scale", "expected a power of 2");
    }
    let x = call.only_input()?;
    let rank = x.shape.rank();
    // Counted from 1, as 0 are the samples.
    let count = |axis: i64| if axis < 0 { axis + rank as i64 + 1 } else { axis };
    let is_summed = |at: usize| axes.iter().any(|&axis| count(axis) == at as i64 + 1);
    let summed: Vec<bool> = (0..rank).map(is_summed).collect();
    if axes.is_empty() || summed.iter().filter(|summed| **summed).count() != axes.len() {
        call.attributes.wrong("axes", format!("{axes:?} are not axes of {}", x.shape));
        return None;
    }
    let (summed, shape_of_x) = (&summed, &x.shape);
    let extents = |of: bool| (0..rank).filter(move |&at| summed[at] == of).map(|at| shape_of_x[at]);
    let letters =
        |of: bool| ('a'..='z').zip(summed).filter(move |(_, s)| **s == of).map(|(letter, _)| letter);
    let terms = Shape::new(&extents(true).collect::<Vec<_>>()).ok()?;
    let scale = scale.unwrap_or_else(|| (-(terms.elements() as f64).log2()).round_ties_even().exp2());
    let all: String = ('a'..='z').take(rank).collect();
    let (mut along, mut kept) = (letters(true).collect::<String>(), letters(false).collect::<String>());
    let (mut kernel, mut shape) = (terms.to_vec(), extents(false).collect::<Vec<_>>());
    if shape.is_empty() {
        // The sum of everything is a vector of one.
        (along, kept) = (format!("{along}Z"), "Z".to_owned());
        (kernel, shape) = ([kernel, vec![1]].concat(), vec![1]);
    }
    let kernel = Shape::new(&kernel).ok()?;
    let op = EinsumDense { equation: format!("{all},{along}->{kept}"), shape };
    let mut node = call.node("EinsumDense", op, &[&x]);
    let values = vec![scale; kernel.elements()];
    node.values.set(Slot::Weight, Tensor::new(kernel, values).ok()?);
    let y = call.push(node)?;
    if !keeps {
        return Some(y);
    }
    let shape = (0..rank).map(|at| if summed[at] { 1 } else { x.shape[at] }).collect();
    let mut node = call.node("Reshape", Reshape { shape, flatten: false }, &[&y]);
    node.name = format!("{}_keepdims", call.attributes.layer());
    call.push(node)
}
