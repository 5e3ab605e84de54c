//! Which positions of a tensor a window covers: the geometry of convolution and pooling.

/// Windows that slide over an image of positions; one dimension is an image of one row.
///
/// Positions count row by row. The same geometry serves the rules, the kernels and the C++ of a layer.
///
/// ```
/// use hls4rs_fixed::window::Window;
/// // Three columns wide, padded by one on the left, over five columns.
/// let w = Window { input: [1, 5], kernel: [1, 3], stride: [1, 2], dilation: [1, 1], before: [0, 1], output: [1, 3] };
/// assert_eq!([0, 1, 2].map(|tap| w.position(0, tap)), [None, Some(0), Some(1)]);
/// assert_eq!([0, 1, 2].map(|tap| w.position(2, tap)), [Some(3), Some(4), None]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Rows and columns of the input.
    pub input: [usize; 2],
    /// Rows and columns of the window, in taps.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
    /// Steps between taps.
    pub dilation: [usize; 2],
    /// Padding above and on the left; below and on the right, whatever the output needs.
    pub before: [usize; 2],
    /// Rows and columns of the output.
    pub output: [usize; 2],
}

impl Window {
    /// The number of taps of a window.
    pub const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The number of windows.
    pub const fn outputs(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// The input position under a tap of an output's window; `None` in the padding.
    #[inline(always)]
    pub const fn position(&self, output: usize, tap: usize) -> Option<usize> {
        let row = self.along(0, output / self.output[1], tap / self.kernel[1]);
        let column = self.along(1, output % self.output[1], tap % self.kernel[1]);
        match (row, column) {
            (Some(row), Some(column)) => Some(row * self.input[1] + column),
            _ => None,
        }
    }

    /// The same along one axis.
    #[inline(always)]
    pub const fn along(&self, axis: usize, output: usize, tap: usize) -> Option<usize> {
        let padded = output * self.stride[axis] + tap * self.dilation[axis];
        if padded < self.before[axis] || padded - self.before[axis] >= self.input[axis] {
            return None;
        }
        Some(padded - self.before[axis])
    }

    /// Padding below and on the right that the last windows reach into.
    pub const fn after(&self, axis: usize) -> usize {
        let end =
            (self.output[axis] - 1) * self.stride[axis] + (self.kernel[axis] - 1) * self.dilation[axis] + 1;
        (end).saturating_sub(self.before[axis] + self.input[axis])
    }

    /// What the sum of an output's window is divided by for its mean: all taps if padding counts, else those on the
    /// input.
    pub const fn divisor(&self, output: usize, count_pad: bool) -> usize {
        if count_pad { self.taps() } else { self.covered(output) }
    }

    /// How many taps of an output's window lie on the input.
    pub const fn covered(&self, output: usize) -> usize {
        let (mut n, mut tap) = (0, 0);
        while tap < self.taps() {
            n += self.position(output, tap).is_some() as usize;
            tap += 1;
        }
        n
    }
}

/// In which order the values under a window are joined, and where they are cast to the accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// One after the other; only the running value has the accumulator's format.
    Direct,
    /// Cast first, then one after the other.
    Running,
    /// Cast first, then as a tree whose left branch is the greatest power of two below the number of values.
    Tree,
}

/// How many of `n` values the left branch of a tree takes: the greatest power of two below `n`.
///
/// # Panics
/// If `n` is less than 2: a single value is no tree.
pub const fn tree_split(n: usize) -> usize {
    assert!(n >= 2, "a tree has two branches");
    1 << (n - 1).ilog2()
}

/// A convolution: windows over an image with several channels, in groups with filters of their own.
///
/// The sum of a filter has a row of weights for every tap and channel of its group: taps row by row, in each the
/// channels.
///
/// ```
/// use hls4rs_fixed::window::{Convolution, Window};
/// let window = Window { input: [1, 3], kernel: [1, 2], stride: [1, 1], dilation: [1, 1], before: [0, 1], output: [1, 3] };
/// let conv = Convolution { window, channels: 4, filters: 2, groups: 2 };
/// assert_eq!((conv.share(), conv.rows()), (2, 4));
/// // The second group at the first position: the left tap lies in the padding.
/// assert_eq!([0, 1, 2, 3].map(|row| conv.element(0, 1, row)), [None, None, Some(2), Some(3)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Convolution {
    /// What the windows cover.
    pub window: Window,
    /// Channels of the input.
    pub channels: usize,
    /// Channels of the output.
    pub filters: usize,
    /// Groups of channels, each with its share of the filters.
    pub groups: usize,
}

impl Convolution {
    /// How many channels have a filter each, all of their own: 1 if the convolution is not depthwise.
    pub const fn own_channels(&self) -> usize {
        if self.groups == self.channels && self.groups == self.filters { self.groups } else { 1 }
    }

    /// Channels of a group.
    pub const fn share(&self) -> usize {
        self.channels / self.groups
    }

    /// Rows of the weights: the products of one sum.
    pub const fn rows(&self) -> usize {
        self.window.taps() * self.share()
    }

    /// The element of the input that is multiplied with a row of the weights of a group at an output position; `None`
    /// in the padding.
    #[inline(always)]
    pub const fn element(&self, output: usize, group: usize, row: usize) -> Option<usize> {
        match self.window.position(output, row / self.share()) {
            Some(position) => Some(position * self.channels + group * self.share() + row % self.share()),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_count_what_they_cover() {
        let same = Window {
            input: [4, 4],
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            before: [1, 1],
            output: [4, 4],
        };
        assert_eq!((same.covered(0), same.covered(1), same.covered(5)), (4, 6, 9));
        assert_eq!((same.after(0), same.after(1)), (1, 1));
        let dilated = Window {
            input: [1, 7],
            kernel: [1, 3],
            stride: [1, 1],
            dilation: [1, 3],
            before: [0, 0],
            output: [1, 1],
        };
        assert_eq!([0, 1, 2].map(|tap| dilated.position(0, tap)), [Some(0), Some(3), Some(6)]);
        assert_eq!(dilated.after(1), 0);
    }
}
