//! Softmax: stable, latency, legacy, argmax.

use core::marker::PhantomData;

use hls4rs_fixed::{BitIndex, Cast, Format, Number, Rounding, TableIndex, Wide, from_f64};

use super::int::{Int, bits, most};
use super::parametrized::{address, index_bits};
use super::rows::{assigned, map, zip};
use super::{Constants, Values, collect, raw, with_container};

/// The arithmetic of one row of a softmax.
pub trait SoftmaxKernel {
    /// The width of the integers that inputs and their differences take.
    fn input_bits(&self) -> u32;

    /// The width of the integers that everything else takes.
    fn container_bits(&self) -> u32;

    /// The results of one row of the tensor.
    fn group<X: Int, C: Int, const L: usize>(&self, x: &[[X; L]], y: &mut [[C; L]]);
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
            exp_index: BitIndex::new(address, exp_size)
                .expect("a table has as many entries as its address reaches"),
            inv_index: BitIndex::new(f.inv_input, inv_size)
                .expect("a table has as many entries as its address reaches"),
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
        // As many open runs as the number of values has bits.
        if e.len() < 1 << 4 { self.tree_within::<C, L, 4>(e) } else { self.tree_within::<C, L, 32>(e) }
    }

    /// Bottom-up over runs whose lengths are powers of two, which is the same tree: a run is closed when it is as long
    /// as the one before it.
    #[inline(always)]
    fn tree_within<C: Int, const L: usize, const D: usize>(&self, e: &[[C; L]]) -> [C; L] {
        let mut open = [[C::default(); L]; D];
        let mut lengths = [0; D];
        let mut n = 0;
        for e in e {
            let (mut run, mut length) = (*e, 1usize);
            while n > 0 && lengths[n - 1] == length {
                n -= 1;
                run = assigned(&self.sum, zip(open[n], &run, C::plus));
                length *= 2;
            }
            (open[n], lengths[n]) = (run, length);
            n += 1;
        }
        let mut total = open[n - 1];
        for at in (0..n - 1).rev() {
            total = assigned(&self.sum, zip(open[at], &total, C::plus));
        }
        total
    }
}

impl<E: Values, V: Values> SoftmaxKernel for NormalizedKernel<E, V> {
    #[inline(always)]
    fn input_bits(&self) -> u32 {
        match &self.distance {
            Some(cast) => cast.container_bits(),
            None => bits(self.exp_index.format()),
        }
    }

    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let sums = most(self.exponential.container_bits(), self.sum.container_bits());
        most(sums, most(self.inv_input.container_bits(), self.result.container_bits()))
    }

    #[inline(always)]
    fn group<X: Int, C: Int, const L: usize>(&self, x: &[[X; L]], y: &mut [[C; L]]) {
        let mut max = x[0];
        for x in &x[1..] {
            max = zip(max, x, X::max);
        }
        for (y, x) in y.iter_mut().zip(x) {
            let mut at = *x;
            if let Some(distance) = &self.distance {
                at = assigned(distance, zip(max, x, X::minus));
            }
            // Addresses first: their arithmetic vectorises, reading the table does not.
            let at = map(&at, |at| pattern(self.exp_index, at) as u32);
            let e = map(&at, |at| C::from_i64(self.exp.at(at as usize)));
            *y = assigned(&self.exponential, e);
        }
        let sum = assigned(&self.inv_input, self.tree(y));
        let at = map(&sum, |sum| pattern(self.inv_index, sum) as u32);
        let inverse = map(&at, |at| C::from_i64(self.inv.at(at as usize)));
        for y in y {
            *y = assigned(&self.result, zip(*y, &inverse, C::times));
        }
    }
}

#[inline(always)]
fn pattern<C: Int>(index: BitIndex, x: C) -> usize {
    if C::BITS <= 64 { index.i64(x.to_i64()) } else { index.wide(x.to_wide()) }
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
    pub fn new(
        [x, table, result]: [Format; 3],
        (exp, exp_size): (E, usize),
        (inv, inv_size): (V, usize),
    ) -> Self {
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
    fn input_bits(&self) -> u32 {
        most(bits(self.difference), index_bits(self.exp_index))
    }

    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let casts = most(self.sum.container_bits(), self.result.container_bits());
        most(casts, index_bits(self.inv_index))
    }

    #[inline(always)]
    fn group<X: Int, C: Int, const L: usize>(&self, x: &[[X; L]], y: &mut [[C; L]]) {
        for (i, y) in y.iter_mut().enumerate() {
            let mut acc = [C::default(); L];
            for (j, xj) in x.iter().enumerate() {
                let term = if i == j {
                    [C::from_i64(self.one); L]
                } else {
                    let difference = zip(*xj, &x[i], X::minus);
                    let at = map(&difference, |d| address(self.exp_index, d) as u32);
                    map(&at, |at| C::from_i64(self.exp.at(at as usize)))
                };
                acc = assigned(&self.sum, zip(acc, &term, C::plus));
            }
            let at = map(&acc, |acc| address(self.inv_index, acc) as u32);
            let inverse = map(&at, |at| C::from_i64(self.inv.at(at as usize)));
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
    fn input_bits(&self) -> u32 {
        bits(self.x)
    }

    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.one.bits()
    }

    #[inline(always)]
    fn group<X: Int, C: Int, const L: usize>(&self, x: &[[X; L]], y: &mut [[C; L]]) {
        let one = C::from_wide(self.one);
        let mut max = x[0];
        for x in &x[1..] {
            max = zip(max, x, X::max);
        }
        let mut found = [false; L];
        for (y, x) in y.iter_mut().zip(x) {
            for l in 0..L {
                let first = x[l] == max[l] && !found[l];
                found[l] |= first;
                y[l] = if first { one } else { C::default() };
            }
        }
    }
}

/// Names the types inside of a softmax: distance to the maximum, sum, address of the reciprocal.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxTypes<D, A, I>(PhantomData<(D, A, I)>);

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
fn apply<X: Number, R: Number, const N: usize>(
    kernel: &impl SoftmaxKernel,
    x: &[X; N],
    row: usize,
) -> [R; N] {
    with_container!(most(kernel.input_bits(), kernel.container_bits()), C => {
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

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::{Format, from_f64};
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::{Implementation, Rows, Softmax};

    use crate::hls::{
        Array, Comparison, Condition, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage,
        joined_as_tree, table_position,
    };

    impl Emit for Softmax {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let row = Row::new(self, cx);
            Some(match self.implementation {
                Implementation::Stable | Implementation::Latency => from_tables(self, cx, row),
                Implementation::Legacy => legacy(self, cx, row),
                Implementation::Argmax => argmax(cx, row),
            })
        }
    }

    /// One row along the axis.
    #[derive(Clone, Copy)]
    struct Row {
        outer: usize,
        n: usize,
        inner: usize,
        x: Format,
    }

    impl Row {
        fn new(softmax: &Softmax, cx: &LayerCx<'_>) -> Self {
            let Rows { outer, n, inner } = softmax.rows(&cx.node.shape);
            Self { outer, n, inner, x: cx.x().ty.format }
        }

        fn index(self, at: Index) -> Index {
            let at = at.times(self.inner);
            let at = if self.inner == 1 { at } else { at.plus(Index::var("column")) };
            if self.outer == 1 { at } else { Index::var("row").times(self.n * self.inner).plus(at) }
        }

        fn x(self, at: Index) -> Expr {
            Expr::element("x", self.x, [self.index(at)])
        }

        fn write(self, cx: &LayerCx<'_>, at: Index, value: Expr) -> Stmt {
            Stmt::assign("y", [self.index(at)], cx.result.clone(), value)
        }

        /// The statements for every row.
        fn each(self, body: Vec<Stmt>) -> Vec<Stmt> {
            let body = if self.inner == 1 { body } else { vec![Stmt::unrolled("column", self.inner, body)] };
            if self.outer == 1 { body } else { vec![Stmt::unrolled("row", self.outer, body)] }
        }
    }

    fn var(name: &str) -> Index {
        Index::var(name)
    }

    fn from_tables(softmax: &Softmax, cx: &mut LayerCx<'_>, row: Row) -> Function {
        let stable = softmax.implementation == Implementation::Stable;
        let (facts, n) = (cx.facts, row.n);
        let accum = cx.ty(Slot::Accum, "exponentials and their sum");
        let inv_input = cx.ty(Slot::InvInput, "address of the reciprocals");
        let what = if stable { "exp(-x) by top bits" } else { "exp(x) by top bits" };
        let exp_table = cx.constant(Slot::ExpTable, Storage::Rom, what);
        let inv_table = cx.constant(Slot::InvTable, Storage::Rom, "1 / x by top bits");
        let mut body = Vec::new();
        let exp_bits = softmax.exp_index(row.x, facts).bits();
        let mut exponential = Vec::new();
        let address = if stable {
            let x = cx.x().ty.clone();
            body.push(Stmt::Array(Array::registers("largest", x.clone(), n)));
            let copy = Stmt::assign("largest", [var("i")], x.clone(), row.x(var("i")));
            body.push(Stmt::unrolled("i", n, vec![copy]));
            body.extend(joined_as_tree("largest", &x, n, |a, b| {
                Expr::select(x.clone(), a.clone().compare(Comparison::AtLeast, b.clone()), a, b)
            }));
            let distance = cx.ty(Slot::InputNorm, "distance to the largest");
            let largest = Expr::element("largest", row.x, [Index::At(0)]);
            exponential.push(Stmt::bind("distance", distance.clone(), largest.minus(row.x(var("i")))));
            Expr::var("distance", distance.format)
        } else {
            row.x(var("i"))
        };
        let entry = exp_table.at([Index::TopBits(exp_bits, Box::new(address))]);
        exponential.push(Stmt::assign("exponential", [var("i")], accum.clone(), entry.clone()));
        exponential.push(Stmt::assign(
            "sum",
            [var("i")],
            accum.clone(),
            Expr::element("exponential", accum.format, [var("i")]),
        ));
        body.push(Stmt::Array(Array::registers("exponential", accum.clone(), n)));
        body.push(Stmt::Array(Array::registers("sum", accum.clone(), n)));
        body.push(Stmt::unrolled("i", n, exponential));
        body.extend(joined_as_tree("sum", &accum, n, |a, b| a.plus(b).cast(accum.clone())));
        let sum = Expr::element("sum", accum.format, [Index::At(0)]);
        body.push(Stmt::bind("total", inv_input.clone(), sum));
        let inv_bits = softmax.inv_index(facts).bits();
        let total = Index::TopBits(inv_bits, Box::new(Expr::var("total", inv_input.format)));
        body.push(Stmt::bind("reciprocal", inv_table.ty.clone(), inv_table.at([total])));
        let e = Expr::element("exponential", accum.format, [var("i")]);
        let value = e.times(Expr::var("reciprocal", inv_table.ty.format));
        body.push(Stmt::unrolled("i", n, vec![row.write(cx, var("i"), value)]));
        let what =
            if stable { "softmax of distances to the largest." } else { "softmax of the values themselves." };
        cx.function(what, &[&exp_table, &inv_table], row.each(body))
    }

    fn legacy(softmax: &Softmax, cx: &mut LayerCx<'_>, row: Row) -> Function {
        let n = row.n;
        let exp_table = cx.constant(Slot::ExpTable, Storage::Rom, "exp(x) from -8 to 8");
        let inv_table = cx.constant(Slot::InvTable, Storage::Rom, "1 / x from 0 to 64");
        let sum_type = cx.ty(Slot::Table, "sum of exponentials");
        let exp_index = softmax.legacy_exp_index(row.x);
        let difference = row.x(var("j")).minus(row.x(var("i")));
        let position = table_position(difference, exp_index, 4);
        let entry =
            exp_table.at([Index::clamped(&Expr::var("position", position.format), exp_index.size() - 1)]);
        let one = Expr::constant(from_f64(1.0, sum_type.format), sum_type.format);
        let sum = || Expr::var("sum", sum_type.format);
        let term = Expr::select(sum_type.clone(), Condition::Same(var("i"), var("j")), one, entry);
        let inner = vec![
            Stmt::bind("position", position.format.into(), position),
            Stmt::assign("sum", [], sum_type.clone(), sum().plus(term).cast(sum_type.clone())),
        ];
        let inv_index = softmax.legacy_inv_index(sum_type.format);
        let address = table_position(sum(), inv_index, 6);
        let reciprocal = Index::clamped(&Expr::var("address", address.format), inv_index.size() - 1);
        let each = vec![
            Stmt::Var { name: "sum".to_owned(), ty: sum_type.clone(), value: Expr::whole(0) },
            Stmt::unrolled("j", n, inner),
            Stmt::bind("address", address.format.into(), address),
            row.write(cx, var("i"), inv_table.at([reciprocal])),
        ];
        let body = row.each(vec![Stmt::unrolled("i", n, each)]);
        cx.function("softmax of pairwise differences.", &[&exp_table, &inv_table], body)
    }

    fn argmax(cx: &LayerCx<'_>, row: Row) -> Function {
        let x = cx.x().ty.clone();
        let largest = Expr::var("largest", row.x);
        let above = row.x(var("i")).compare(Comparison::Greater, largest);
        let better = vec![
            Stmt::assign("largest", [], x.clone(), row.x(var("i"))),
            Stmt::Count { name: "first".to_owned(), value: var("i") },
        ];
        let search = Stmt::For {
            var: "i".to_owned(),
            from: 1,
            to: row.n,
            step: 1,
            hint: Some(LoopHint::Unroll),
            body: vec![Stmt::If { condition: above, body: better }],
        };
        let is_first = Condition::Same(var("i"), var("first"));
        let value = Expr::select(cx.result.clone(), is_first, Expr::whole(1), Expr::whole(0));
        let body = vec![
            Stmt::Var { name: "largest".to_owned(), ty: x, value: row.x(Index::At(0)) },
            Stmt::Counter { name: "first".to_owned(), value: 0 },
            search,
            Stmt::unrolled("i", row.n, vec![row.write(cx, var("i"), value)]),
        ];
        cx.function("1 for the first of the largest, 0 for the others.", &[], row.each(body))
    }
}
