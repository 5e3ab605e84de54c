//! Files of trained arrays, read from bytes: NumPy's `.npz` and safetensors.
//!
//! Both are taken as untrusted: nothing panics, nothing is allocated on the word of a header alone, and an error
//! names the array that it is about. Values come out as `f64`, which holds every one of them exactly; an array
//! without an axis gets the shape `[1]`.

use std::collections::BTreeMap;

use crate::{Shape, ShapeError, Tensor};

#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "safetensors")]
mod safetensors;

#[cfg(feature = "npz")]
pub use npz::{read_npz, write_npz};
#[cfg(feature = "safetensors")]
pub use safetensors::read_safetensors;

/// The arrays of a file by name.
pub type Arrays = BTreeMap<String, Tensor>;

/// The most values that the arrays of one file may have together.
pub const MAX_VALUES: usize = 1 << 26;

/// Why a file of arrays cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file is not what its name says.
    #[error("not a {format} file: {reason}")]
    File {
        /// What it should be.
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An array contradicts itself.
    #[error("array `{array}`: {reason}")]
    Array {
        /// The array.
        array: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The elements of an array are no numbers, or numbers of a kind that is not read.
    #[error("array `{array}`: elements of type `{found}` cannot be read; expected {EXPECTED}")]
    Element {
        /// The array.
        array: String,
        /// The type, as the file calls it.
        found: String,
    },
    /// An array has no possible shape.
    #[error("array `{array}`: {error}")]
    Shape {
        /// The array.
        array: String,
        /// Why not.
        error: ShapeError,
    },
    /// Two arrays have one name.
    #[error("there are two arrays `{array}`")]
    Duplicate {
        /// The name.
        array: String,
    },
    /// The file holds more than anything here can be.
    #[error("array `{array}`: the arrays have more than {MAX_VALUES} values together")]
    TooLarge {
        /// The array that is too much.
        array: String,
    },
}

const EXPECTED: &str = "floats of 16, 32 or 64 bits, integers of up to 64 bits, or booleans";

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Bool,
    Int(usize),
    Uint(usize),
    Float(usize),
    #[cfg(feature = "safetensors")]
    Bfloat,
}

impl Element {
    /// Bytes of one element.
    fn size(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Int(size) | Self::Uint(size) | Self::Float(size) => size,
            #[cfg(feature = "safetensors")]
            Self::Bfloat => 2,
        }
    }

    /// The value of little-endian bytes; `None` if `f64` does not hold it exactly.
    fn value(self, bytes: &[u8]) -> Option<f64> {
        let mut raw = [0u8; 8];
        raw[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(raw);
        let exact = |negative: bool, magnitude: u64| {
            let fits = magnitude == 0 || 64 - magnitude.leading_zeros() - magnitude.trailing_zeros() <= 53;
            let value = magnitude as f64;
            fits.then_some(if negative { -value } else { value })
        };
        match self {
            Self::Bool => Some(f64::from(u8::from(bits != 0))),
            Self::Uint(_) => exact(false, bits),
            Self::Int(size) => {
                let unused = 64 - 8 * size as u32;
                let value = ((bits << unused) as i64) >> unused;
                exact(value < 0, value.unsigned_abs())
            }
            Self::Float(2) => Some(half(bits as u16)),
            Self::Float(4) => Some(f64::from(f32::from_bits(bits as u32))),
            Self::Float(_) => Some(f64::from_bits(bits)),
            #[cfg(feature = "safetensors")]
            Self::Bfloat => Some(f64::from(f32::from_bits((bits as u32) << 16))),
        }
    }
}

/// The value of an IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff) / 1024.0);
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// Everything that is known of an array once its header is read.
struct Header<'a> {
    array: &'a str,
    element: Element,
    big_endian: bool,
    /// The first axis runs fastest.
    fortran: bool,
    extents: Vec<usize>,
}

/// The arrays read so far, and how many values are still allowed.
struct Collector {
    arrays: Arrays,
    left: usize,
}

impl Collector {
    fn new() -> Self {
        Self { arrays: Arrays::new(), left: MAX_VALUES }
    }

    /// Decodes the data of an array and keeps it.
    fn add(&mut self, header: &Header<'_>, data: &[u8]) -> Result<(), WeightsError> {
        let array = || header.array.to_owned();
        let malformed = |reason| WeightsError::Array { array: array(), reason };
        let extents = if header.extents.is_empty() { &[1][..] } else { &header.extents };
        let shape = Shape::new(extents).map_err(|error| WeightsError::Shape { array: array(), error })?;
        let size = header.element.size();
        if shape.elements() > self.left {
            return Err(WeightsError::TooLarge { array: array() });
        }
        if shape.elements() * size != data.len() {
            let expected = shape.elements() * size;
            return Err(malformed(format!(
                "shape {shape} of {size}-byte elements needs {expected} bytes of data, found {}",
                data.len()
            )));
        }
        let value = |bytes: &[u8]| {
            let mut raw = [0u8; 8];
            let raw = &mut raw[..size];
            raw.copy_from_slice(bytes);
            if header.big_endian {
                raw.reverse();
            }
            header.element.value(raw)
        };
        let values =
            data.chunks_exact(size).map(value).collect::<Option<Vec<_>>>().ok_or_else(|| {
                malformed("an integer of more than 53 bits cannot be read exactly".to_owned())
            })?;
        let values = if header.fortran { row_major(&values, extents) } else { values };
        self.left -= values.len();
        let tensor =
            Tensor::new(shape, values).map_err(|_| malformed("wrong number of values".to_owned()))?;
        match self.arrays.insert(array(), tensor) {
            None => Ok(()),
            Some(_) => Err(WeightsError::Duplicate { array: array() }),
        }
    }
}

/// Reorders values whose first axis runs fastest.
fn row_major(values: &[f64], extents: &[usize]) -> Vec<f64> {
    let mut index = vec![0; extents.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in values {
        let from = index.iter().zip(extents).rev().fold(0, |at, (&i, &extent)| at * extent + i);
        ordered.push(values[from]);
        for (i, &extent) in index.iter_mut().zip(extents).rev() {
            *i += 1;
            if *i < extent {
                break;
            }
            *i = 0;
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_exact() {
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc500), -5.0);
        assert_eq!(half(0x0001), 2f64.powi(-24));
        assert_eq!(half(0x7bff), 65504.0);
        assert_eq!(half(0xfc00), f64::NEG_INFINITY);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn integers_are_exact_or_refused() {
        assert_eq!(Element::Int(2).value(&(-3i16).to_le_bytes()), Some(-3.0));
        assert_eq!(Element::Int(8).value(&i64::MIN.to_le_bytes()), Some(-(2f64.powi(63))));
        assert_eq!(Element::Uint(8).value(&((1u64 << 53) + 1).to_le_bytes()), None);
        #[cfg(feature = "safetensors")]
        assert_eq!(Element::Bfloat.value(&0x3fc0u16.to_le_bytes()), Some(1.5));
    }

    #[test]
    fn the_first_axis_of_fortran_order_runs_fastest() {
        // [[1, 2, 3], [4, 5, 6]] is stored as 1 4 2 5 3 6.
        assert_eq!(row_major(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], &[2, 3]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }
}
