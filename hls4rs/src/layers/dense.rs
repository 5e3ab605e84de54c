//! The fully connected layer.

use hls4rs_fixed::{Cast, Format, Overflow, Rounding};

use super::int::{Int, bits, most};
use super::rows::{assign, map, zip};
use hls4rs_fixed::Number;

use super::{Accum, Constants, Values, collect, raw, with_container};

/// How the sum of products may be computed, all with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summation {
    /// No bit is lost between product and accumulator, and limits matter only at the end: one integer matrix product.
    Exact,
    /// The accumulator truncates products and wraps: products are shifted, limits matter only at the end.
    Truncated,
    /// Every product and every sum is cast, in order.
    EachCast,
}

/// The arithmetic of a fully connected layer with its formats.
#[derive(Clone, Copy, Debug)]
pub struct DenseKernel {
    /// Outputs.
    pub n_out: usize,
    /// The step of the order of addition: `i` runs through `0, stride, 2·stride, …`, then `1, …`.
    pub stride: usize,
    /// How the sum is computed.
    pub summation: Summation,
    product: Cast,
    bias: Cast,
    sum: Cast,
    result: Cast,
    wraps: bool,
}

impl DenseKernel {
    /// Prepares a layer for input, weight, bias, accumulator and result formats.
    ///
    /// `limits_spared` says that no partial sum can leave the accumulator.
    pub const fn new(
        n_out: usize,
        stride: usize,
        [x, weight, bias, accum, result]: [Format; 5],
        limits_spared: bool,
    ) -> Self {
        let product = x.product(weight);
        let wraps = matches!(accum.overflow, Overflow::Wrap(0));
        let free = wraps || limits_spared;
        let exact = product.frac_bits() <= accum.frac_bits() && bias.frac_bits() <= accum.frac_bits();
        let summation = if free && exact {
            Summation::Exact
        } else if free && matches!(accum.rounding, Rounding::Trn) && bias.frac_bits() <= accum.frac_bits() {
            Summation::Truncated
        } else {
            Summation::EachCast
        };
        // A sum of two accumulators has one bit more; before the final limit it may be any integer.
        let sum = accum.sum(accum);
        Self {
            n_out,
            stride,
            summation,
            product: Cast::new(product, accum),
            bias: Cast::new(bias, accum),
            sum: Cast::new(Format { rounding: Rounding::Trn, ..sum }, accum),
            result: Cast::new(accum, result),
            wraps,
        }
    }

    /// The width of the integers that this takes, when partial sums of products have at most `partial` bits.
    pub const fn container_bits(&self, partial: u32) -> u32 {
        let accum = self.result.src();
        let ends = most(self.result.container_bits(), bits(accum));
        match self.summation {
            // Modulo 2^W, or with everything in range.
            Summation::Exact => {
                if self.wraps {
                    let modular = bits(accum) + !accum.signed as u32;
                    most(ends, if partial < modular { partial } else { modular })
                } else {
                    most(ends, partial)
                }
            }
            Summation::Truncated => most(ends, most(bits(self.product.src()), most(bits(accum), self.bias.container_bits()))),
            Summation::EachCast => {
                let casts = most(self.product.container_bits(), self.bias.container_bits());
                most(ends, most(casts, self.sum.container_bits()))
            }
        }
    }

    /// How far an exact sum of products is below the accumulator's unit.
    pub const fn left_shift(&self) -> u32 {
        self.product.left_shift()
    }

    /// Turns sums of products into results: adds the bias, applies the accumulator's limits, casts.
    #[inline(always)]
    pub fn finish<C: Int, const L: usize>(&self, sum: &mut [C; L], bias: C) {
        let accum = self.result.src();
        let up = if matches!(self.summation, Summation::Exact) { self.product.shift().unsigned_abs() } else { 0 };
        for v in sum.iter_mut() {
            *v = v.up(up).plus(bias);
        }
        if self.wraps && bits(accum) <= C::BITS {
            wrap(accum, sum);
        }
        assign(&self.result, sum);
    }

    /// The bias in units of the accumulator.
    #[inline(always)]
    pub fn bias<C: Int>(&self, raw: i64) -> C {
        C::from_i64(raw).cast(&self.bias)
    }

    /// All outputs of a layer, for `L` samples: the sums in register tiles of `J` outputs and `T` lanes.
    #[inline(always)]
    pub fn run<X: Widen<C>, C: Int, W: Weights<C> + ?Sized, const L: usize, const J: usize, const T: usize>(
        &self,
        x: &[[X; L]],
        weight: &W,
        bias: &(impl Values + ?Sized),
        y: &mut [[C; L]],
    ) {
        match self.summation {
            Summation::Exact => sums::<X, C, W, L, J, T, false>(x, weight, self.n_out, 0, y),
            Summation::Truncated => {
                sums::<X, C, W, L, J, T, true>(x, weight, self.n_out, self.product.right_shift(), y)
            }
            Summation::EachCast => return self.each(x, weight, bias, y),
        }
        for (j, row) in y.iter_mut().enumerate() {
            self.finish(row, self.bias(bias.at(j)));
        }
    }

    /// Casts every product and every sum.
    #[inline(always)]
    fn each<X: Widen<C>, C: Int, W: Weights<C> + ?Sized, const L: usize>(
        &self,
        x: &[[X; L]],
        weight: &W,
        bias: &(impl Values + ?Sized),
        y: &mut [[C; L]],
    ) {
        for (j, out) in y.iter_mut().enumerate() {
            let mut acc: [C; L] = [self.bias(bias.at(j)); L];
            for start in 0..self.stride {
                for i in (start..x.len()).step_by(self.stride) {
                    let w = weight.weight(i * self.n_out + j);
                    let mut product = map(x[i], |x| x.widen().times(w));
                    assign(&self.product, &mut product);
                    acc = zip(acc, &product, C::plus);
                    assign(&self.sum, &mut acc);
                }
            }
            assign(&self.result, &mut acc);
            *out = acc;
        }
    }
}

/// Reduces every lane modulo `2^W` into the range of `format`.
#[inline(always)]
fn wrap<C: Int, const L: usize>(format: Format, row: &mut [C; L]) {
    let spare = C::BITS - format.width;
    if spare > 0 {
        // The container's own low bits as a source: what the wrap keeps does not depend on the others.
        let source = Format { width: C::BITS, int_bits: format.int_bits + spare as i32, signed: true, ..format };
        assign(&Cast::new(source, format.with_rounding(Rounding::Trn)), row);
    }
}

/// An input value that widens to the integers of the sum.
pub trait Widen<C>: Copy {
    /// The value.
    fn widen(self) -> C;
}

impl<C: Int> Widen<C> for C {
    #[inline(always)]
    fn widen(self) -> C {
        self
    }
}

impl Widen<i32> for i16 {
    #[inline(always)]
    fn widen(self) -> i32 {
        i32::from(self)
    }
}

/// Weights in the integers of the sum.
pub trait Weights<C> {
    /// The weight at a position.
    fn weight(&self, at: usize) -> C;
}

impl<C: Int> Weights<C> for [C] {
    #[inline(always)]
    fn weight(&self, at: usize) -> C {
        self[at]
    }
}

impl Weights<i32> for [i16] {
    #[inline(always)]
    fn weight(&self, at: usize) -> i32 {
        i32::from(self[at])
    }
}

impl<C: Int, T: Number, const N: usize> Weights<C> for Constants<T, N> {
    #[inline(always)]
    fn weight(&self, at: usize) -> C {
        C::from_i64(Values::at(self, at))
    }
}

/// Sums of products, outputs in tiles of `J`, lanes in tiles of `T`.
#[inline(always)]
fn sums<X: Widen<C>, C: Int, W: Weights<C> + ?Sized, const L: usize, const J: usize, const T: usize, const SHIFT: bool>(
    x: &[[X; L]],
    weight: &W,
    n_out: usize,
    shift: u32,
    y: &mut [[C; L]],
) {
    for lane in (0..L).step_by(T) {
        let mut j = 0;
        while j + J <= n_out {
            tile::<X, C, W, L, J, T, SHIFT>(x, weight, n_out, (j, lane), shift, y);
            j += J;
        }
        while j < n_out {
            tile::<X, C, W, L, 1, T, SHIFT>(x, weight, n_out, (j, lane), shift, y);
            j += 1;
        }
    }
}

#[inline(always)]
fn tile<X: Widen<C>, C: Int, W: Weights<C> + ?Sized, const L: usize, const J: usize, const T: usize, const SHIFT: bool>(
    x: &[[X; L]],
    weight: &W,
    n_out: usize,
    (j, lane): (usize, usize),
    shift: u32,
    y: &mut [[C; L]],
) {
    let truncate = Cast::new(Format::fixed(C::BITS, C::BITS as i32 - shift as i32), Format::fixed(C::BITS, C::BITS as i32));
    let mut acc = [[C::default(); T]; J];
    for (i, x) in x.iter().enumerate() {
        let x = &x[lane..lane + T];
        for (jj, acc) in acc.iter_mut().enumerate() {
            let w = weight.weight(i * n_out + j + jj);
            for (acc, x) in acc.iter_mut().zip(x) {
                let product = x.widen().times(w);
                *acc = acc.plus(if SHIFT { product.cast(&truncate) } else { product });
            }
        }
    }
    for (acc, y) in acc.iter().zip(&mut y[j..j + J]) {
        y[lane..lane + T].copy_from_slice(acc);
    }
}

/// Fully connected layer: `y[j] = bias[j] + Σᵢ x[i] · weight[i][j]`, `weight` row major `[N, M]`.
///
/// Each product and each sum is cast to `A`, the result to `R`. `stride` is 1 for rising `i`, else the reuse factor
/// of strategy `resource`.
#[inline]
pub fn dense<X, W, B, A, R, const N: usize, const M: usize, const NW: usize>(
    x: &[X; N],
    weight: &Constants<W, NW>,
    bias: &Constants<B, M>,
    _: Accum<A>,
    stride: usize,
) -> [R; M]
where
    X: Number,
    W: Number,
    B: Number,
    A: Number,
    R: Number,
{
    const { assert!(NW == N * M, "as many weights as products") };
    let formats = [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT];
    let kernel = DenseKernel::new(M, stride, formats, false);
    let any = most(bits(X::FORMAT.product(W::FORMAT)) + usize::BITS - N.leading_zeros(), bits(A::FORMAT)) + 2;
    with_container!(kernel.container_bits(any), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; M];
        kernel.run::<C, C, _, 1, 4, 1>(&x, weight, bias, &mut y);
        collect(&y)
    })
}
