//! What every layer computes: the arithmetic, the typed functions that `network!` expands to, the steps of the
//! engine and the C++.
//!
//! A kernel is written once, over rows of samples (one for the typed functions, a block for the engine) and over the
//! integers that its formats need.

use core::marker::PhantomData;

use hls4rs_fixed::{Number, Wide};

pub mod batch_norm;
pub mod concatenate;
pub mod contraction;
pub mod conv;
pub mod custom;
pub mod dense;
pub mod dot;
pub mod einsum;
pub mod einsum_dense;
pub mod elementwise;
pub mod embedding;
pub mod garnet;
pub mod hard;
pub mod int;
pub mod layer_norm;
pub mod merge;
pub mod parametrized;
pub mod pool;
pub mod quantize;
pub mod recurrent;
pub mod relu;
pub mod rows;
pub mod softmax;
pub mod spiking;
pub mod steps;
pub mod sums;
pub mod table_activation;
pub mod time_distributed;
pub mod unary_lut;
pub mod view;

pub use batch_norm::batch_norm;
pub use concatenate::place;
pub use conv::conv;
pub use dense::{compressed_dense, dense};
pub use dot::dot;
pub use einsum::einsum;
pub use einsum_dense::einsum_dense;
pub use elementwise::linear;
pub use embedding::embedding;
pub use garnet::{GarnetConstants, GarnetTypes, garnet};
pub use hard::{hard_sigmoid, hard_tanh};
pub use int::Int;
pub use layer_norm::layer_norm;
pub use merge::{add, average, maximum, minimum, multiply, subtract};
pub use parametrized::{elu, leaky_relu, prelu, thresholded_relu};
pub use pool::{avg_pool, max_pool};
pub use quantize::{Quantizers, quantize};
pub use recurrent::{gru, lstm, simple_rnn};
pub use relu::{relu, relu_max};
pub use softmax::{SoftmaxTypes, softmax_argmax, softmax_latency, softmax_legacy, softmax_stable};
pub use spiking::{integrate_and_fire, membrane_readout, spike_readout};
pub use steps::{binary_tanh, binary_threshold, ternary_tanh, ternary_threshold};
pub use table_activation::{selu, selu_in_streams, sigmoid, softplus, softsign, tanh};
pub use time_distributed::time_distributed;
pub use unary_lut::unary_lut;
pub use view::view;

/// Stored values, at most 63 bits wide each.
pub trait Values {
    /// The raw value at a position.
    fn at(&self, at: usize) -> i64;
    /// How many there are.
    fn count(&self) -> usize;
}

impl Values for [i64] {
    #[inline(always)]
    fn at(&self, at: usize) -> i64 {
        self[at]
    }
    fn count(&self) -> usize {
        self.len()
    }
}

impl<V: Values + ?Sized> Values for &V {
    #[inline(always)]
    fn at(&self, at: usize) -> i64 {
        (**self).at(at)
    }
    fn count(&self) -> usize {
        (**self).count()
    }
}

/// `N` numbers in a block of bytes: the raw value of each, little-endian, in the smallest integer for its width.
///
/// ```
/// use hls4rs::{fixed::Fixed, layers::Constants};
/// static WEIGHT: Constants<Fixed<12, 4>, 2> = Constants::new(b"\x80\x01\xc0\xff");
/// assert_eq!([WEIGHT.get(0), WEIGHT.get(1)].map(|w| w.to_num::<f64>()), [1.5, -0.25]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Constants<T, const N: usize>(&'static [u8], PhantomData<fn() -> T>);

impl<T: Number, const N: usize> Constants<T, N> {
    /// Wraps the bytes.
    ///
    /// # Panics
    /// When their number is not `N` times the size of one: in a constant, an error of compilation.
    pub const fn new(bytes: &'static [u8]) -> Self {
        assert!(bytes.len() == N * size_of::<T::Bits>(), "as many bytes as the numbers take");
        Self(bytes, PhantomData)
    }

    /// The number at a position below `N`.
    #[inline(always)]
    pub fn get(&self, at: usize) -> T {
        let size = size_of::<T::Bits>();
        let bytes = &self.0[at * size..(at + 1) * size];
        if size > 8 {
            let mut raw = [0; 16];
            raw[..size].copy_from_slice(bytes);
            return T::from_raw(i128::from_le_bytes(raw));
        }
        let mut raw = [0; 8];
        raw[..size].copy_from_slice(bytes);
        T::from_i64(i64::from_le_bytes(raw))
    }
}

impl<T: Number, const N: usize> Values for Constants<T, N> {
    #[inline(always)]
    fn at(&self, at: usize) -> i64 {
        self.get(at).to_i64()
    }
    fn count(&self) -> usize {
        N
    }
}

/// Names the type of an accumulator.
#[derive(Clone, Copy, Debug)]
pub struct Accum<A>(PhantomData<fn() -> A>);

/// Names the type of an accumulator: `accum::<Fixed<24, 10>>()`.
pub const fn accum<A: Number>() -> Accum<A> {
    Accum(PhantomData)
}

/// Numbers from the only lane of computed rows.
#[inline(always)]
pub(crate) fn collect<C: Int, R: Number, const M: usize>(rows: &[[C; 1]; M]) -> [R; M] {
    rows.map(|[raw]| number(raw))
}

/// The number with a raw value that is in range.
#[inline(always)]
pub(crate) fn number<C: Int, R: Number>(raw: C) -> R {
    if C::BITS <= 64 { R::from_i64(raw.to_i64()) } else { R::from_raw(raw.to_wide().as_i128_wrapping()) }
}

/// The raw value of a number.
#[inline(always)]
pub(crate) fn raw<C: Int, X: Number>(x: X) -> C {
    if C::BITS <= 64 || X::FORMAT.width < 64 { C::from_i64(x.to_i64()) } else { C::from_wide(wide(x)) }
}

fn wide<X: Number>(x: X) -> Wide {
    x.wide()
}

/// Evaluates an expression with `$c` as the narrowest integer of at least so many bits.
macro_rules! with_container {
    ($bits:expr, $c:ident => $body:expr) => {
        match $bits {
            0..=32 => {
                type $c = i32;
                $body
            }
            33..=64 => {
                type $c = i64;
                $body
            }
            65..=128 => {
                type $c = i128;
                $body
            }
            _ => {
                type $c = hls4rs_fixed::Wide;
                $body
            }
        }
    };
}
pub(crate) use with_container;

/// [`with_container`] for a width that is constant: only the branch that is taken is compiled.
macro_rules! with_const_container {
    ($bits:expr, $c:ident => $body:expr) => {
        if const { $bits <= 32 } {
            type $c = i32;
            $body
        } else if const { $bits <= 64 } {
            type $c = i64;
            $body
        } else if const { $bits <= 128 } {
            type $c = i128;
            $body
        } else {
            type $c = hls4rs_fixed::Wide;
            $body
        }
    };
}
pub(crate) use with_const_container;
