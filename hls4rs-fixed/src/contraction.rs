//! Which elements of two tensors are multiplied and summed: the geometry of tensor products.

/// One axis of a tensor product: how far a step along it moves in either operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axis {
    /// The number of steps.
    pub extent: usize,
    /// Elements of the first operand for a step; 0 if it does not have the axis.
    pub a: usize,
    /// Elements of the second operand for a step; 0 if it does not have the axis.
    pub b: usize,
}

/// Products of elements of two tensors, summed along some axes.
///
/// The result has one element for each position of the outer axes, row major; it is the sum over all positions of the
/// inner axes, the last one fastest.
///
/// ```
/// use hls4rs_fixed::contraction::{Axis, Contraction};
/// // The matrix product [2, 3] x [3, 4].
/// let rows = Axis { extent: 2, a: 3, b: 0 };
/// let columns = Axis { extent: 4, a: 0, b: 1 };
/// let summed = Axis { extent: 3, a: 1, b: 4 };
/// let product = Contraction { outer: &[rows, columns], inner: &[summed] };
/// assert_eq!((product.outputs(), product.products()), (8, 3));
/// // y[1][2] is the sum of a[1][c] · b[c][2].
/// assert_eq!((product.output(6), product.product(1)), ((3, 2), (1, 4)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contraction<'a> {
    /// The axes of the result.
    pub outer: &'a [Axis],
    /// The axes that are summed.
    pub inner: &'a [Axis],
}

impl Contraction<'_> {
    /// The number of elements of the result.
    pub const fn outputs(&self) -> usize {
        positions(self.outer)
    }

    /// The number of products that are summed for each.
    pub const fn products(&self) -> usize {
        positions(self.inner)
    }

    /// Where the products of an element of the result begin in either operand.
    #[inline(always)]
    pub const fn output(&self, n: usize) -> (usize, usize) {
        offsets(self.outer, n)
    }

    /// How far a product lies behind the first one in either operand.
    #[inline(always)]
    pub const fn product(&self, n: usize) -> (usize, usize) {
        offsets(self.inner, n)
    }
}

const fn positions(axes: &[Axis]) -> usize {
    let (mut count, mut at) = (1, 0);
    while at < axes.len() {
        count *= axes[at].extent;
        at += 1;
    }
    count
}

#[inline(always)]
const fn offsets(axes: &[Axis], n: usize) -> (usize, usize) {
    let (mut a, mut b, mut rest, mut left) = (0, 0, n, axes.len());
    while left > 0 {
        left -= 1;
        let axis = axes[left];
        let step = rest % axis.extent;
        rest /= axis.extent;
        a += step * axis.a;
        b += step * axis.b;
    }
    (a, b)
}
