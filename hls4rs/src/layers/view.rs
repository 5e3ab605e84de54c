//! Layers that move values and change none: padding, cropping, resizing, transposition, repetition, broadcasting.
//!
//! Each is a [`view`] of its input, then a cast.
//!
//! ```
//! hls4rs::network! {
//!     struct Unpool;
//!     input x: [2, 4, 1] as Int<8>;
//!     let small = max_pool2d(x, 2);
//!     output y = upsample2d(small, [1, 2]);
//! }
//!
//! let x = [1, 5, -3, -4, 2, 0, -1, -2].map(hls4rs::fixed::Int::<8>::from_num);
//! let y = Unpool::new().predict(&x);
//! assert_eq!(y.map(|y| y.to_num::<i32>()), [5, 5, -1, -1]);
//! ```
//!
//! A softmax along another axis than the last is one of transposed rows.
//!
//! ```
//! hls4rs::network! {
//!     struct Largest;
//!     input x: [3, 2] as Int<8>;
//!     output y = softmax(x, 0) { implementation: argmax };
//! }
//!
//! let x = [1, 7, 5, -3, 5, 0].map(hls4rs::fixed::Int::<8>::from_num);
//! let y = Largest::new().predict(&x);
//! assert_eq!(y.map(|y| y.to_num::<i32>()), [0, 1, 1, 0, 0, 0]);
//! ```

use hls4rs_fixed::view::{Axis, source};

/// The elements of an input in the places of a result; places outside of the input are zero.
#[inline]
pub fn view<X: Copy + Default, const N: usize, const M: usize, const A: usize>(
    x: &[X; N],
    axes: &[Axis; A],
) -> [X; M] {
    core::array::from_fn(|i| source(axes, i).map_or_else(X::default, |at| x[at]))
}

/// Where the elements of a result come from, looked up once.
#[cfg(feature = "simulate")]
#[derive(Clone, Debug)]
pub(crate) struct Sources(Vec<Option<u32>>);

#[cfg(feature = "simulate")]
impl Sources {
    /// The sources of a view.
    pub(crate) fn new(axes: &[Axis]) -> Self {
        let at = |at: usize| u32::try_from(at).expect("shapes have fewer than 2^32 elements");
        Self((0..hls4rs_fixed::view::len(axes)).map(|i| source(axes, i).map(at)).collect())
    }

    /// The input element that element `i` is; `None` for a zero.
    #[inline(always)]
    pub(crate) fn of(&self, i: usize) -> Option<usize> {
        self.0[i].map(|at| at as usize)
    }
}

#[cfg(feature = "backends")]
pub(crate) mod emission;
#[cfg(feature = "backends")]
mod stream;
