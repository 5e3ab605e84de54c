//! Which input element each element of a result is: the geometry of padding, cropping, resizing, transposition and
//! broadcasting.

/// One axis of a view, outermost first in a list of them.
///
/// An element of the result is the input element at the sum of all axes' steps, or zero where an axis lies outside. The
/// same geometry serves the rules, the kernels and the C++ of a layer.
///
/// ```
/// use hls4rs_fixed::view::{Axis, source};
/// // Two rows of three, transposed.
/// let transposed = [Axis::kept(3, 1), Axis::kept(2, 3)];
/// assert_eq!([0, 1, 2, 3, 4, 5].map(|i| source(&transposed, i)), [0, 3, 1, 4, 2, 5].map(Some));
/// // Three values with a zero on the left.
/// let padded = [Axis::padded(3, 1, 1, 4)];
/// assert_eq!([0, 1, 2, 3].map(|i| source(&padded, i)), [None, Some(0), Some(1), Some(2)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axis {
    /// The extent in the result.
    pub output: usize,
    /// The extent in the input.
    pub input: usize,
    /// Elements of the input between neighbours on this axis.
    pub stride: usize,
    /// Where on the input an element of the result lies.
    pub rule: Rule,
}

/// How positions of the result are found on the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// So many positions before it, those outside being zero.
    Padded(usize),
    /// So many positions behind it.
    Cropped(usize),
    /// The nearest of an axis that is stretched or shrunk.
    Nearest,
}

impl Axis {
    /// The axis as it is.
    pub const fn kept(extent: usize, stride: usize) -> Self {
        Self { output: extent, input: extent, stride, rule: Rule::Cropped(0) }
    }

    /// The same element at every position.
    pub const fn repeated(output: usize) -> Self {
        Self::kept(output, 0)
    }

    /// The axis with zeros before and after it.
    pub const fn padded(input: usize, stride: usize, before: usize, output: usize) -> Self {
        Self { output, input, stride, rule: Rule::Padded(before) }
    }

    /// A part of the axis.
    pub const fn cropped(input: usize, stride: usize, before: usize, output: usize) -> Self {
        Self { output, input, stride, rule: Rule::Cropped(before) }
    }

    /// The axis stretched or shrunk.
    pub const fn nearest(input: usize, stride: usize, output: usize) -> Self {
        if input == output {
            return Self::kept(input, stride);
        }
        Self { output, input, stride, rule: Rule::Nearest }
    }

    /// The position on the input, if there is one.
    #[inline(always)]
    pub const fn position(&self, output: usize) -> Option<usize> {
        match self.rule {
            Rule::Padded(before) => match output.checked_sub(before) {
                Some(at) if at < self.input => Some(at),
                _ => None,
            },
            Rule::Cropped(before) => Some(output + before),
            Rule::Nearest => {
                let at = ((output as u64 * self.ratio()) >> Self::RATIO_BITS) as usize;
                // The ratio is rounded up, which shows where an axis becomes very long.
                Some(if at < self.input { at } else { self.input - 1 })
            }
        }
    }

    /// The input's steps for a step of the result, in units of `2^-16`: rounded down, and one unit more, so that whole
    /// factors come out exactly.
    ///
    /// # Source
    /// hls4ml `nnet_utils/nnet_image.h`, `resize_nearest`.
    pub const fn ratio(&self) -> u64 {
        ((self.input as u64) << Self::RATIO_BITS) / self.output as u64 + 1
    }

    /// Fraction bits of [`ratio`](Self::ratio).
    pub const RATIO_BITS: u32 = 16;
}

/// The number of elements of a view.
pub const fn len(axes: &[Axis]) -> usize {
    let (mut n, mut at) = (1, 0);
    while at < axes.len() {
        n *= axes[at].output;
        at += 1;
    }
    n
}

/// The input element that element `i` of a view is; `None` for a zero.
#[inline(always)]
pub const fn source(axes: &[Axis], i: usize) -> Option<usize> {
    let (mut rest, mut sum, mut at) = (i, 0, axes.len());
    while at > 0 {
        at -= 1;
        let axis = &axes[at];
        match axis.position(rest % axis.output) {
            Some(position) => sum += position * axis.stride,
            None => return None,
        }
        rest /= axis.output;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_stays_on_the_axis() {
        for input in 1..20 {
            for output in [1, 2, 3, 7, 20, 39, 40, 1000, 70_000] {
                let axis = Axis::nearest(input, 1, output);
                let last = axis.position(output - 1).expect("always a position");
                assert!(last < input, "{axis:?}");
                if output % input == 0 && output < 1000 {
                    assert!((0..output).all(|i| axis.position(i) == Some(i / (output / input))), "{axis:?}");
                }
            }
        }
    }

    #[test]
    fn axes_are_combined() {
        // Rows cropped, columns repeated.
        let axes = [Axis::cropped(3, 2, 1, 2), Axis::repeated(3), Axis::kept(2, 1)];
        let all: [Option<usize>; 12] = core::array::from_fn(|i| source(&axes, i));
        assert_eq!(all, [2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5].map(Some));
        assert_eq!(len(&axes), 12);
    }
}
