//! The layer that only casts.

use super::{Layer, Unfit};
use crate::Shape;
use crate::resolve::{Done, NodeCx};

/// Identity: `y = x`, cast to the result's format.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `auto` is the narrowest format for the range of `x`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Linear;

impl Layer for Linear {
    fn keyword(&self) -> &'static str {
        "linear"
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        Some(cx.settle_result(&x.range).into())
    }
}
