//! Layers that move values and change none: every element of the result is an input element, cast, or zero.

use hls4rs_fixed::Wide;
use hls4rs_fixed::view::{Axis, len, source};

use super::{Layer, Unfit, few_elements};
use crate::Shape;
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};

/// A layer that moves values.
pub trait Move: Layer {
    /// Where the elements of the result come from, for an input that [`shape`](Layer::shape) has accepted.
    fn axes(&self, x: &Shape) -> Vec<Axis>;
}

/// Elements between neighbours, for every axis of a shape.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

/// Every axis as it is.
pub(super) fn kept(x: &Shape) -> Vec<Axis> {
    x.iter().zip(strides(x)).map(|(&extent, stride)| Axis::kept(extent, stride)).collect()
}

/// An input as a larger shape, where extents of 1 are repeated and missing outer axes count as such.
pub(super) fn broadcast_axes(from: &Shape, to: &Shape) -> Vec<Axis> {
    let missing = to.rank() - from.rank();
    let strides = strides(from);
    let axis = |(at, &extent): (usize, &usize)| match at.checked_sub(missing) {
        Some(own) if from[own] == extent => Axis::kept(extent, strides[own]),
        _ => Axis::repeated(extent),
    };
    to.iter().enumerate().map(axis).collect()
}

/// The elements of a view; places outside of the input are zero.
pub(super) fn viewed(x: &Ranges, axes: &[Axis]) -> Ranges {
    let zero = Interval::point(Wide::ZERO);
    let elements = (0..len(axes)).map(|i| source(axes, i).map_or(zero, |at| x.elements[at])).collect();
    Ranges { frac_bits: x.frac_bits, elements }
}

pub(super) fn resolve(layer: &impl Move, cx: &mut NodeCx<'_>) -> Option<Done> {
    let axes = layer.axes(cx.input_shape(0));
    let values = viewed(&cx.input(0).range, &axes);
    Some(cx.settle_result(&values).into())
}

/// The shape of a result whose extents are at least one, if it is possible.
pub(super) fn shape_of(extents: &[usize], name: &'static str, found: String) -> Result<Shape, Unfit> {
    Shape::new(extents).map_err(|_| Unfit::Attr { name, expected: few_elements(), found })
}

/// What to do about an input of too few or too many axes.
pub(super) fn reshape(to: &str) -> Option<String> {
    Some(format!("insert `reshape(…) {{ shape: {to} }}` before this layer"))
}

/// What to do about an input that has not two axes, steps and values.
pub(super) fn reshape_to_steps(x: &Shape) -> Option<String> {
    let steps = if x.rank() == 1 { 1 } else { x[0] };
    reshape(&format!("[{steps}, {}]", x.elements() / steps))
}

/// Whether an input has as many axes as an image with channels, or as a sequence with channels.
pub(super) fn check_image(x: &Shape, image: bool) -> Result<(), Unfit> {
    let (what, to) = match (image, x.rank()) {
        (true, 3) | (false, 2) => return Ok(()),
        (true, _) => ("an image", "[height, width, channels]"),
        (false, _) => ("a sequence", "[width, channels]"),
    };
    Err(Unfit::Input { n: 0, expected: format!("{what} {to}"), help: reshape(to) })
}

/// The sides of an image or a sequence: a pair for every axis but the channels.
pub(super) fn sides(list: &[usize], image: bool, name: &'static str) -> Result<Vec<[usize; 2]>, Unfit> {
    let (count, expected) =
        if image { (4, "four numbers [top, bottom, left, right]") } else { (2, "two numbers [left, right]") };
    if list.len() != count {
        return Err(Unfit::Attr { name, expected: expected.to_owned(), found: format!("{list:?}") });
    }
    Ok(list.chunks(2).map(|pair| [pair[0], pair[1]]).collect())
}
