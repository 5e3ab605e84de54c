//! Constant tensors: weights as they were trained, and as the hardware holds them.

use hls4rs_fixed::Format;

use crate::Shape;

/// Trained values, row major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Shape,
    values: Vec<f64>,
}

impl Tensor {
    /// Joins a shape with its values.
    ///
    /// # Errors
    /// Gives the values back if their number is not that of the shape's elements.
    pub fn new(shape: Shape, values: Vec<f64>) -> Result<Self, Vec<f64>> {
        if shape.elements() == values.len() { Ok(Self { shape, values }) } else { Err(values) }
    }

    /// The extents.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The values, row major.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Constants as the hardware holds them: integers that count units of `2^-frac_bits` of the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawTensor {
    /// The extents.
    pub shape: Shape,
    /// The format of every element.
    pub format: Format,
    /// The elements, row major, each within the range of `format`.
    pub raw: Vec<i64>,
}
