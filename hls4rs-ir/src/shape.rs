//! Shapes of tensors, without the sample axis.

use core::fmt;
use core::ops::Deref;

use smallvec::SmallVec;

/// The most elements a tensor may have: far above any firmware, low enough to never exhaust memory.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// The most elements that all tensors and function tables together of a network from a file may have.
pub const MAX_TOTAL_ELEMENTS: usize = 1 << 22;

/// The extents of a tensor, outermost first, channels last; the sample axis is not part of it.
///
/// ```
/// use hls4rs_ir::Shape;
/// let shape = Shape::new(&[8, 16]).expect("small and not empty");
/// assert_eq!(shape.elements(), 128);
/// assert_eq!(shape.to_string(), "[8, 16]");
/// assert!(Shape::new(&[8, 0]).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape(SmallVec<[usize; 4]>);

/// Why a list of extents is not a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// No extent was given.
    #[error("a shape needs at least one extent; write `[1]` for a single value")]
    Empty,
    /// One extent is zero.
    #[error("extent {axis} of the shape is 0; every extent must be at least 1")]
    Zero {
        /// Position of the extent, outermost is 0.
        axis: usize,
    },
    /// The tensor would have more than [`MAX_ELEMENTS`] elements.
    #[error("the shape has more than {MAX_ELEMENTS} elements")]
    TooLarge,
}

impl Shape {
    /// Checks and keeps the extents: at least one, none of them zero, at most [`MAX_ELEMENTS`] elements.
    ///
    /// # Errors
    /// [`ShapeError`] says which of the three rules is broken.
    pub fn new(extents: &[usize]) -> Result<Self, ShapeError> {
        if extents.is_empty() {
            return Err(ShapeError::Empty);
        }
        if let Some(axis) = extents.iter().position(|&e| e == 0) {
            return Err(ShapeError::Zero { axis });
        }
        extents
            .iter()
            .try_fold(1usize, |n, &e| n.checked_mul(e).filter(|&n| n <= MAX_ELEMENTS))
            .ok_or(ShapeError::TooLarge)?;
        Ok(Self(SmallVec::from_slice(extents)))
    }

    /// The number of elements, the product of all extents.
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The innermost extent: the channels.
    pub fn channels(&self) -> usize {
        self.0[self.0.len() - 1]
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl TryFrom<Vec<usize>> for Shape {
    type Error = ShapeError;

    fn try_from(extents: Vec<usize>) -> Result<Self, ShapeError> {
        Self::new(&extents)
    }
}

impl From<Shape> for Vec<usize> {
    fn from(shape: Shape) -> Self {
        shape.0.to_vec()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
