//! Normalization of rows.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Normal;
//!     input x: [4] as Fixed<8, 4>;
//!     output y = layer_norm(x) {
//!         scale: 2, bias: [0, 0, 0, 1], table_range_power2: 0,
//!         table: UFixed<8, 5, RndConv, Sat>, accum: Fixed<14, 4, RndConv, Sat>,
//!     } as Fixed<16, 6, Trn, Sat>;
//! }
//!
//! let x = [0.5, 1.0, 1.5, 1.0].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! // Mean 1 and variance 1/8: its root is 1 / sqrt(0.001 + 0.125) = 2.817, in eighths 2.875.
//! // Deviations of a half, doubled.
//! assert_eq!(Normal::new().predict(&x).map(|y| y.to_num::<f64>()), [-2.875, 0.0, 2.875, 1.0]);
//! ```

use hls4rs_fixed::{Cast, Format, Number, TableIndex, from_f64};

use super::int::{Int, bits, most};
use super::parametrized::{address, index_bits};
use super::rows::{assigned, map, zip};
use super::{Accum, Constants, Values, collect, raw, with_container};

/// The formats of a layer normalization.
#[derive(Clone, Copy, Debug)]
pub struct NormFormats {
    /// The input.
    pub x: Format,
    /// Everything up to the variance.
    pub accum: Format,
    /// The table of inverse roots.
    pub table: Format,
    /// The factors.
    pub scale: Format,
    /// The offsets.
    pub bias: Format,
    /// The result.
    pub result: Format,
}

/// The casts of a layer normalization.
#[derive(Clone, Copy, Debug)]
pub struct NormCasts {
    x: Cast,
    sum: Cast,
    product: Cast,
    difference: Cast,
    result: Cast,
    product_up: u32,
    bias_up: u32,
    index: TableIndex,
}

impl NormCasts {
    /// Prepares the layer for a table of `size` entries up to `2^-range`.
    pub const fn new(f: NormFormats, size: usize, range: u32) -> Self {
        let NormFormats { x, accum, table, scale, bias, result } = f;
        let product = accum.product(table).product(scale);
        let exact = product.sum(bias);
        Self {
            x: Cast::new(x, accum),
            sum: Cast::new(accum.sum(accum), accum),
            product: Cast::new(accum.product(accum), accum),
            difference: Cast::new(accum.difference(accum), accum),
            result: Cast::new(exact, result),
            product_up: (exact.frac_bits() - product.frac_bits()).unsigned_abs(),
            bias_up: (exact.frac_bits() - bias.frac_bits()).unsigned_abs(),
            index: TableIndex::fraction(accum, size, range),
        }
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        let sums = most(self.sum.container_bits(), self.difference.container_bits());
        let products = most(self.product.container_bits(), self.result.container_bits());
        let last = most(index_bits(self.index), bits(self.result.src()));
        most(most(self.x.container_bits(), last), most(sums, products))
    }

    /// `1 / n` in the accumulator.
    #[inline(always)]
    pub fn inverse<C: Int>(&self, n: usize) -> C {
        C::from_wide(from_f64(1.0 / n as f64, self.sum.dst()))
    }

    /// A row: first `x`, then in its place the result.
    #[inline(always)]
    pub fn row<C: Int, const L: usize>(
        &self,
        row: &mut [[C; L]],
        inverse: C,
        scale: &(impl Values + ?Sized),
        bias: &(impl Values + ?Sized),
        table: &(impl Values + ?Sized),
    ) {
        let mut sum = [C::default(); L];
        for x in row.iter_mut() {
            *x = assigned(&self.x, *x);
            sum = assigned(&self.sum, zip(sum, x, C::plus));
        }
        let mean = assigned(&self.product, map(&sum, |sum| sum.times(inverse)));
        let mut squares = [C::default(); L];
        for x in row.iter_mut() {
            *x = assigned(&self.difference, zip(*x, &mean, C::minus));
            let square = assigned(&self.product, map(x, |d| d.times(d)));
            squares = assigned(&self.sum, zip(squares, &square, C::plus));
        }
        let variance = assigned(&self.product, map(&squares, |sum| sum.times(inverse)));
        let root = map(&variance, |variance| C::from_i64(table.at(address(self.index, variance))));
        for (i, x) in row.iter_mut().enumerate() {
            let (scale, bias) = (C::from_i64(scale.at(i)), C::from_i64(bias.at(i)).up(self.bias_up));
            let value = |d: C, root: C| d.times(root).times(scale).up(self.product_up).plus(bias);
            *x = assigned(&self.result, zip(*x, &root, value));
        }
    }
}

/// Layer normalization of every row of `D` elements: mean, deviations and variance in `A`, the inverse root of the
/// variance from a table up to `2^-range`, then factors and offsets and one cast.
#[inline]
pub fn layer_norm<X, S, B, T, A, R, const N: usize, const D: usize, const K: usize>(
    x: &[X; N],
    scale: &Constants<S, D>,
    bias: &Constants<B, D>,
    table: &Constants<T, K>,
    _: Accum<A>,
    range: u32,
) -> [R; N]
where
    X: Number,
    S: Number,
    B: Number,
    T: Number,
    A: Number,
    R: Number,
{
    const { assert!(N.is_multiple_of(D), "whole rows") };
    let formats = NormFormats {
        x: X::FORMAT,
        accum: A::FORMAT,
        table: T::FORMAT,
        scale: S::FORMAT,
        bias: B::FORMAT,
        result: R::FORMAT,
    };
    let casts = NormCasts::new(formats, K, range);
    with_container!(casts.container_bits(), C => {
        let mut rows = x.map(|x| [raw::<C, X>(x)]);
        for row in rows.chunks_exact_mut(D) {
            casts.row(row, casts.inverse::<C>(D), scale, bias, table);
        }
        collect(&rows)
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::from_f64;
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::LayerNorm;

    use crate::hls::{
        Array, Constant, Emit, Expr, Function, Index, LayerCx, Stmt, Storage, Type, table_position,
    };

    impl Emit for LayerNorm {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let accum = cx.ty(Slot::Accum, "sums, mean, deviations and variance");
            let scale = cx.constant(Slot::Scale, Storage::Registers, "factor");
            let bias = cx.stored(Slot::Bias).map(|_| cx.constant(Slot::Bias, Storage::Registers, "offset"));
            let what = format!("1 / sqrt(epsilon + t) up to 2^-{}", self.table_range_power2);
            let table = cx.constant(Slot::Table, Storage::Rom, &what);
            let n = scale.raw.len();
            let rows = cx.len() / n;
            let at =
                if rows == 1 { Index::var("i") } else { Index::var("row").times(n).plus(Index::var("i")) };
            let mut body = statistics(cx, &accum, at.clone(), n);
            let variance = Expr::var("variance", accum.format);
            let position =
                table_position(variance, self.index(accum.format), -(self.table_range_power2 as i32));
            let entry = Index::clamped(&Expr::var("position", position.format), self.table_size - 1);
            body.push(Stmt::bind("position", position.format.into(), position));
            body.push(Stmt::bind("root", table.ty.clone(), table.at([entry])));
            let root = Expr::var("root", table.ty.format);
            let read = |c: &Constant| c.at([Index::var("i")]);
            let normal = deviation(&accum).times(root).times(read(&scale));
            let value = match &bias {
                Some(bias) => normal.plus(read(bias)),
                None => normal,
            };
            body.push(Stmt::unrolled("i", n, vec![Stmt::assign("y", [at], cx.result.clone(), value)]));
            let body = if rows == 1 { body } else { vec![Stmt::unrolled("row", rows, body)] };
            let reads: Vec<_> = [Some(&scale), bias.as_ref(), Some(&table)].into_iter().flatten().collect();
            Some(cx.function(&format!("layer normalization, {rows} rows of {n}."), &reads, body))
        }
    }

    fn deviation(accum: &Type) -> Expr {
        Expr::element("deviation", accum.format, [Index::var("i")])
    }

    /// A sum from 0 over the row.
    fn running(name: &str, accum: &Type, n: usize, mut before: Vec<Stmt>, term: Expr) -> [Stmt; 2] {
        let next = Expr::var(name, accum.format).plus(term.cast(accum.clone())).cast(accum.clone());
        before.push(Stmt::assign(name, [], accum.clone(), next));
        let start = Stmt::Var { name: name.to_owned(), ty: accum.clone(), value: Expr::whole(0) };
        [start, Stmt::unrolled("i", n, before)]
    }

    /// Everything up to the variance.
    fn statistics(cx: &LayerCx<'_>, accum: &Type, at: Index, n: usize) -> Vec<Stmt> {
        let var = |name: &str| Expr::var(name, accum.format);
        let inverse = Expr::constant(from_f64(1.0 / n as f64, accum.format), accum.format);
        let mean = |sum: &str| var(sum).times(inverse.clone()).cast(accum.clone());
        let mut body = running("sum", accum, n, Vec::new(), cx.read_x(at.clone())).to_vec();
        body.push(Stmt::bind("mean", accum.clone(), mean("sum")));
        body.push(Stmt::Array(Array::registers("deviation", accum.clone(), n)));
        let value = cx.read_x(at).cast(accum.clone()).minus(var("mean"));
        let deviate = Stmt::assign("deviation", [Index::var("i")], accum.clone(), value);
        let square = deviation(accum).times(deviation(accum));
        body.extend(running("squares", accum, n, vec![deviate], square));
        body.push(Stmt::bind("variance", accum.clone(), mean("squares")));
        body
    }
}
