//! Softmax: stable, latency, legacy, argmax.

use core::marker::PhantomData;

use hls4rs_fixed::{BitIndex, Cast, Format, Number, Rounding, TableIndex, Wide, from_f64};

use super::int::{Int, bits, most};
use super::parametrized::{address, index_bits};
use super::rows::{assigned, map, zip};
use super::{Constants, Values, collect, raw, with_container};

/// The arithmetic of one row of a softmax.
pub trait SoftmaxKernel {
    /// The width of the integers that this takes.
    fn container_bits(&self) -> u32;

    /// The results of one row of the tensor.
    fn group<C: Int, const L: usize>(&self, x: &[[C; L]], y: &mut [[C; L]]);
}

/// From exponentials and the reciprocal of their sum: `stable`, or `latency` without a distance format.
#[derive(Clone, Copy, Debug)]
pub struct NormalizedKernel<E, V> {
    exp: E,
    inv: V,
    distance: Option<Cast>,
    exp_index: BitIndex,
    inv_index: BitIndex,
    exponential: Cast,
    sum: Cast,
    inv_input: Cast,
    result: Cast,
}

/// The formats of a [`NormalizedKernel`].
#[derive(Clone, Copy, Debug)]
pub struct NormalizedFormats {
    /// Of the input.
    pub x: Format,
    /// Of the distance to the maximum; `None` for `latency`.
    pub input_norm: Option<Format>,
    /// Of the exponentials in the table.
    pub exp_table: Format,
    /// Of the sum.
    pub accum: Format,
    /// Of the address of the reciprocal.
    pub inv_input: Format,
    /// Of the reciprocals.
    pub inv_table: Format,
    /// Of the result.
    pub result: Format,
}

impl<E: Values, V: Values> NormalizedKernel<E, V> {
    /// Prepares the layer.
    ///
    /// # Panics
    /// If a table's size is not a power of two that its address format has bits for.
    pub fn new(f: NormalizedFormats, (exp, exp_size): (E, usize), (inv, inv_size): (V, usize)) -> Self {
        let (address, distance) = match f.input_norm {
            Some(norm) => (norm, Some(Cast::new(f.x.difference(f.x), norm))),
            None => (f.x, None),
        };
        Self {
            distance,
            exp_index: BitIndex::new(address, exp_size).expect("a table has as many entries as its address reaches"),
            inv_index: BitIndex::new(f.inv_input, inv_size).expect("a table has as many entries as its address reaches"),
            exponential: Cast::new(f.exp_table, f.accum),
            sum: Cast::new(f.accum.sum(f.accum), f.accum),
            inv_input: Cast::new(f.accum, f.inv_input),
            result: Cast::new(f.accum.product(f.inv_table), f.result),
            exp,
            inv,
        }
    }

    /// The sum as a tree whose left branch is the greatest power of two below the number of values.
    #[inline(always)]
    fn tree<C: Int, const L: usize>(&self, e: &[[C; L]]) -> [C; L] {
        // Bottom-up over runs whose lengths are powers of two, which is the same tree: a run is closed when it is
        // as long as the one before it.
        let mut open = [([C::default(); L], 0usize); usize::BITS as usize];
        let mut n = 0;
        for e in e {
            let (mut run, mut length) = (*e, 1);
            while n > 0 && open[n - 1].1 == length {
                run = assigned(&self.sum, zip(open[n - 1].0, &run, C::plus));
                length *= 2;
                n -= 1;
            }
            open[n] = (run, length);
            n += 1;
        }
        let mut total = open[n - 1].0;
        for at in (0..n - 1).rev() {
            total = assigned(&self.sum, zip(open[at].0, &total, C::plus));
        }
        total
    }
}

impl<E: Values, V: Values> SoftmaxKernel for NormalizedKernel<E, V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let distance = match &self.distance {
            Some(cast) => most(cast.container_bits(), bits(cast.src())),
            None => bits(self.exp_index.format()),
        };
        let sums = most(self.exponential.container_bits(), self.sum.container_bits());
        most(most(distance, sums), most(self.inv_input.container_bits(), self.result.container_bits()))
    }

    #[inline(always)]
    fn group<C: Int, const L: usize>(&self, x: &[[C; L]], y: &mut [[C; L]]) {
        let max = match self.distance {
            Some(_) => x[1..].iter().fold(x[0], |max, x| zip(max, x, C::max)),
            None => [C::default(); L],
        };
        for (y, x) in y.iter_mut().zip(x) {
            let mut at = *x;
            if let Some(distance) = &self.distance {
                at = assigned(distance, zip(max, x, C::minus));
            }
            let e = map(at, |at| C::from_i64(self.exp.at(pattern(self.exp_index, at))));
            *y = assigned(&self.exponential, e);
        }
        let sum = assigned(&self.inv_input, self.tree(y));
        let inverse = map(sum, |s| C::from_i64(self.inv.at(pattern(self.inv_index, s))));
        for y in y {
            *y = assigned(&self.result, zip(*y, &inverse, C::times));
        }
    }
}

#[inline(always)]
fn pattern<C: Int>(index: BitIndex, x: C) -> usize {
    if C::BITS <= 64 || index.format().width <= 64 { index.i64(x.to_i64()) } else { index.wide(x.to_wide()) }
}

/// From the pairwise differences: `legacy`.
#[derive(Clone, Copy, Debug)]
pub struct LegacyKernel<E, V> {
    exp: E,
    inv: V,
    exp_index: TableIndex,
    inv_index: TableIndex,
    one: i64,
    difference: Format,
    sum: Cast,
    result: Cast,
}

impl<E: Values, V: Values> LegacyKernel<E, V> {
    /// Prepares the layer for its input, table and result formats.
    pub fn new([x, table, result]: [Format; 3], (exp, exp_size): (E, usize), (inv, inv_size): (V, usize)) -> Self {
        Self {
            exp,
            inv,
            exp_index: TableIndex::centred(x.difference(x), exp_size, 4),
            inv_index: TableIndex::rising(table, inv_size, 6),
            one: from_f64(1.0, table).as_i128_wrapping() as i64,
            difference: x.difference(x),
            sum: Cast::new(table.sum(table), table),
            result: Cast::new(table, result),
        }
    }
}

impl<E: Values, V: Values> SoftmaxKernel for LegacyKernel<E, V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let casts = most(self.sum.container_bits(), self.result.container_bits());
        most(most(casts, bits(self.difference)), most(index_bits(self.exp_index), index_bits(self.inv_index)))
    }

    #[inline(always)]
    fn group<C: Int, const L: usize>(&self, x: &[[C; L]], y: &mut [[C; L]]) {
        for (i, y) in y.iter_mut().enumerate() {
            let mut acc = [C::default(); L];
            for (j, xj) in x.iter().enumerate() {
                let term = if i == j {
                    [C::from_i64(self.one); L]
                } else {
                    zip(*xj, &x[i], |a, b| C::from_i64(self.exp.at(address(self.exp_index, a.minus(b)))))
                };
                acc = assigned(&self.sum, zip(acc, &term, C::plus));
            }
            let inverse = map(acc, |acc| C::from_i64(self.inv.at(address(self.inv_index, acc))));
            *y = assigned(&self.result, inverse);
        }
    }
}

/// 1 for the first of the largest inputs, 0 for the others: `argmax`.
#[derive(Clone, Copy, Debug)]
pub struct ArgmaxKernel {
    x: Format,
    one: Wide,
}

impl ArgmaxKernel {
    /// Prepares the layer for its input and result formats.
    pub const fn new(x: Format, result: Format) -> Self {
        // The reference assigns the C integer 1.
        let one = Format::fixed(32, 32).with_rounding(Rounding::Trn);
        Self { x, one: Cast::new(one, result).wide(Wide::ONE) }
    }
}

impl SoftmaxKernel for ArgmaxKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(bits(self.x), self.one.bits())
    }

    #[inline(always)]
    fn group<C: Int, const L: usize>(&self, x: &[[C; L]], y: &mut [[C; L]]) {
        let one = C::from_wide(self.one);
        let max = x[1..].iter().fold(x[0], |max, x| zip(max, x, C::max));
        let mut found = [false; L];
        for (y, x) in y.iter_mut().zip(x) {
            for (((y, x), max), found) in y.iter_mut().zip(x).zip(&max).zip(&mut found) {
                let first = *x == *max && !*found;
                *found |= first;
                *y = if first { one } else { C::default() };
            }
        }
    }
}

/// Names the types inside of a softmax: distance to the maximum, sum, address of the reciprocal.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxTypes<D, A, I>(PhantomData<fn() -> (D, A, I)>);

impl<D: Number, A: Number, I: Number> SoftmaxTypes<D, A, I> {
    /// Names them.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    const fn formats<X: Number, E: Number, V: Number, R: Number>(stable: bool) -> NormalizedFormats {
        NormalizedFormats {
            x: X::FORMAT,
            input_norm: if stable { Some(D::FORMAT) } else { None },
            exp_table: E::FORMAT,
            accum: A::FORMAT,
            inv_input: I::FORMAT,
            inv_table: V::FORMAT,
            result: R::FORMAT,
        }
    }
}

#[inline(always)]
fn apply<X: Number, R: Number, const N: usize>(kernel: &impl SoftmaxKernel, x: &[X; N], row: usize) -> [R; N] {
    with_container!(kernel.container_bits(), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; N];
        for (x, y) in x.chunks(row).zip(y.chunks_mut(row)) {
            kernel.group(x, y);
        }
        collect(&y)
    })
}

macro_rules! normalized {
    ($($(#[$doc:meta])* $name:ident = $stable:literal;)+) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $name<X, E, V, D, A, I, R, const N: usize, const NE: usize, const NV: usize>(
            x: &[X; N],
            exp: &Constants<E, NE>,
            inv: &Constants<V, NV>,
            _: SoftmaxTypes<D, A, I>,
            row: usize,
        ) -> [R; N]
        where
            X: Number,
            E: Number,
            V: Number,
            D: Number,
            A: Number,
            I: Number,
            R: Number,
        {
            let formats = SoftmaxTypes::<D, A, I>::formats::<X, E, V, R>($stable);
            apply(&NormalizedKernel::new(formats, (exp, NE), (inv, NV)), x, row)
        }
    )+ };
}

normalized! {
    /// Softmax of every `row` elements, from the distances to the largest.
    softmax_stable = true;
    /// Softmax of every `row` elements, from the exponentials of the inputs themselves.
    softmax_latency = false;
}

/// Softmax of every `row` elements, from the pairwise differences.
#[inline]
pub fn softmax_legacy<X, T, V, R, const N: usize, const NE: usize, const NV: usize>(
    x: &[X; N],
    exp: &Constants<T, NE>,
    inv: &Constants<V, NV>,
    row: usize,
) -> [R; N]
where
    X: Number,
    T: Number,
    V: Number,
    R: Number,
{
    apply(&LegacyKernel::new([X::FORMAT, T::FORMAT, R::FORMAT], (exp, NE), (inv, NV)), x, row)
}

/// For every `row` elements 1 for the first of the largest, 0 for the others.
#[inline]
pub fn softmax_argmax<X: Number, R: Number, const N: usize>(x: &[X; N], row: usize) -> [R; N] {
    apply(&const { ArgmaxKernel::new(X::FORMAT, R::FORMAT) }, x, row)
}
