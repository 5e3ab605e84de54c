//! The fully connected layer.

use hls4rs_fixed::{Cast, Format, Overflow, Rounding};

use super::int::{Int, bits, most};
use super::rows::{Limited, Rounded, Short, any_modes, assign, assign_each, map, with_modes, zip};
use hls4rs_fixed::Number;

use super::{Accum, Constants, Values, collect, raw, with_const_container};

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
    /// Whether the accumulator's limits are applied to the total.
    wraps: bool,
}

impl DenseKernel {
    /// Prepares a layer for input, weight, bias, accumulator and result formats.
    ///
    /// `bounds` is a format that holds every final sum, if it is known that the accumulator's limits change none.
    pub const fn new(
        n_out: usize,
        stride: usize,
        [x, weight, bias, accum, result]: [Format; 5],
        bounds: Option<Format>,
    ) -> Self {
        let product = Cast::new(x.product(weight), accum);
        let wraps = matches!(accum.overflow, Overflow::Wrap(0));
        let free = wraps || bounds.is_some();
        let summation = if free && !product.rounds() {
            Summation::Exact
        } else if free && matches!(accum.rounding, Rounding::Trn) {
            Summation::Truncated
        } else {
            Summation::EachCast
        };
        // Where every product is cast, so is every sum, and a narrower result is no use.
        let total = match (bounds, summation) {
            (Some(bounds), Summation::Exact | Summation::Truncated) => bounds,
            _ => accum,
        };
        // Where no limit changes a sum, none may change the bias alone: a negative one in an unsigned accumulator.
        let bias = match bounds {
            Some(_) => Cast::new(bias, unlimited(bias, accum)),
            None => Cast::new(bias, accum),
        };
        // A sum of two accumulators has one bit more.
        Self {
            n_out,
            stride,
            summation,
            product,
            bias,
            sum: Cast::new(accum.sum(accum), accum),
            result: Cast::new(total, result),
            wraps: bounds.is_none(),
        }
    }

    /// The kernel for the formats of types; for their container, which neither size nor order touch.
    const fn typed<X: Number, W: Number, B: Number, A: Number, R: Number>() -> Self {
        Self::new(1, 1, [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT], None)
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        // Sums are right modulo the width of the total.
        let total = most(self.result.container_bits(), self.bias.container_bits());
        match self.summation {
            Summation::Exact => total,
            Summation::Truncated => most(total, bits(self.product.src())),
            Summation::EachCast => {
                most(total, most(self.product.container_bits(), self.sum.container_bits()))
            }
        }
    }

    /// How many bits every product loses where limits matter only at the end; `None` where products and sums are cast
    /// one by one.
    pub const fn truncated(&self) -> Option<u32> {
        match self.summation {
            Summation::Exact => Some(0),
            Summation::Truncated => Some(self.product.right_shift()),
            Summation::EachCast => None,
        }
    }

    /// What turns sums of products into results.
    #[inline(always)]
    pub fn finish<C: Int>(&self) -> Finish {
        let accum = self.result.src();
        // The container's own low bits as a source: what the wrap keeps does not depend on the others.
        let width = if self.wraps { accum.width } else { C::BITS };
        let unit = Format::fixed(C::BITS, C::BITS as i32);
        let limit = Format { signed: accum.signed || !self.wraps, ..Format::fixed(width, width as i32) };
        let exact = matches!(self.summation, Summation::Exact);
        Finish {
            up: if exact { self.product.shift().unsigned_abs() } else { 0 },
            limit: Cast::new(unit, limit),
            result: self.result,
        }
    }

    /// The bias in units of the accumulator.
    #[inline(always)]
    pub fn bias<C: Int>(&self, raw: i64) -> C {
        C::from_i64(raw).cast(&self.bias)
    }

    /// All outputs of a layer, for `L` samples: the sums in register tiles of `J` outputs and `T` lanes.
    #[inline(always)]
    pub fn run<
        X: Widen<C>,
        C: Int,
        W: Weights<C> + ?Sized,
        const L: usize,
        const J: usize,
        const T: usize,
    >(
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
        let finish = self.finish::<C>();
        for (j, row) in y.iter_mut().enumerate() {
            *row = finish.row(row, self.bias(bias.at(j)));
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
                    self.add_product(&mut acc, &x[i], weight.weight(i * self.n_out + j));
                }
            }
            assign(&self.result, &mut acc);
            *out = acc;
        }
    }

    /// One product for every lane, cast and added, the sum cast; modes are looked at once for the row.
    #[inline(always)]
    fn add_product<X: Widen<C>, C: Int, const L: usize>(&self, acc: &mut [C; L], x: &[X; L], weight: C) {
        let Self { product, sum, .. } = self;
        macro_rules! row {
            ($v:ident => $product:expr, $s:ident => $sum:expr) => {
                for l in 0..L {
                    let $v = x[l].widen().times(weight);
                    let $s = acc[l].plus($product);
                    acc[l] = $sum;
                }
            };
        }
        if L == 1 || C::BITS > 64 {
            return row!(v => v.cast(product), s => s.cast(sum));
        }
        match (Rounded::of(product), Limited::<C>::of(product)) {
            (Some(Rounded::Up(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.up(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Floor(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.down(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Nearest(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.nearest(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Even(n)), Some(Limited::Clamp(lo, hi))) => {
                row!(v => v.nearest_even(n).max(lo).min(hi), s => s.max(lo).min(hi));
            }
            (Some(Rounded::Nearest(n)), Some(Limited::Wrap(k))) => {
                row!(v => v.nearest(n), s => s.up(k).down(k));
            }
            _ => {
                let products = map(x, |x| x.widen().times(weight));
                *acc = any_modes(sum, &zip(any_modes(product, &products), acc, C::plus));
            }
        }
    }
}

/// The unit and the rounding of `accum`, with room for every value of `bias`.
const fn unlimited(bias: Format, accum: Format) -> Format {
    let frac_bits = accum.frac_bits();
    let finer = if frac_bits > bias.frac_bits() { (frac_bits - bias.frac_bits()).unsigned_abs() } else { 0 };
    let width = bias.container_bits() + finer + 1;
    Format::fixed(width, width as i32 - frac_bits).with_rounding(accum.rounding)
}

/// Turns sums of products into results: adds the bias, applies the accumulator's limits, casts.
#[derive(Clone, Copy, Debug)]
pub struct Finish {
    up: u32,
    limit: Cast,
    result: Cast,
}

impl Finish {
    /// The results of one output.
    #[inline(always)]
    pub fn row<C: Int, const L: usize>(&self, sums: &[C; L], bias: C) -> [C; L] {
        let up = self.up;
        match Limited::<C>::of(&self.limit) {
            Some(Limited::Wrap(k)) => {
                assign_each!(C, L, &self.result, l => sums[l].up(up).plus(bias).up(k).down(k))
            }
            _ => {
                let totals = assign_each!(C, L, &self.limit, l => sums[l].up(up).plus(bias));
                assign_each!(C, L, &self.result, l => totals[l])
            }
        }
    }

    /// The results of several outputs with sums of 32 bits, in one pass.
    #[inline(always)]
    pub fn rows<'a, Y: Short, const L: usize>(
        &self,
        sums: impl Iterator<Item = &'a [i32; L]>,
        bias: &[i32],
        y: impl Iterator<Item = &'a mut [Y; L]>,
    ) {
        let up = self.up;
        let Some(Limited::Wrap(k)) = Limited::<i32>::of(&self.limit) else {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                let row = self.row(sums, *bias);
                for l in 0..L {
                    y[l] = Y::narrow(row[l]);
                }
            }
            return;
        };
        with_modes!(i32, &self.result, assigned => {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                for l in 0..L {
                    y[l] = Y::narrow(assigned!(sums[l].up(up).plus(*bias).up(k).down(k)));
                }
            }
        }, _ => {
            for ((sums, bias), y) in sums.zip(bias).zip(y) {
                let row = any_modes(&self.result, &map(sums, |sum| sum.up(up).plus(*bias).up(k).down(k)));
                for l in 0..L {
                    y[l] = Y::narrow(row[l]);
                }
            }
        });
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

impl<C: Int> Weights<C> for [i64] {
    #[inline(always)]
    fn weight(&self, at: usize) -> C {
        C::from_i64(self[at])
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
fn sums<
    X: Widen<C>,
    C: Int,
    W: Weights<C> + ?Sized,
    const L: usize,
    const J: usize,
    const T: usize,
    const SHIFT: bool,
>(
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
fn tile<
    X: Widen<C>,
    C: Int,
    W: Weights<C> + ?Sized,
    const L: usize,
    const J: usize,
    const T: usize,
    const SHIFT: bool,
>(
    x: &[[X; L]],
    weight: &W,
    n_out: usize,
    (j, lane): (usize, usize),
    shift: u32,
    y: &mut [[C; L]],
) {
    let mut acc = [[C::default(); T]; J];
    for (i, x) in x.iter().enumerate() {
        let x = &x[lane..lane + T];
        for (jj, acc) in acc.iter_mut().enumerate() {
            let w = weight.weight(i * n_out + j + jj);
            for l in 0..T {
                let product = x[l].widen().times(w);
                // The cast of a truncating accumulator; its limits are applied to the sum.
                acc[l] = acc[l].plus(if SHIFT { product.down(shift) } else { product });
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
    let kernel = DenseKernel::new(M, stride, formats, None);
    with_const_container!(DenseKernel::typed::<X, W, B, A, R>().container_bits(), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; M];
        kernel.run::<C, C, _, 1, 4, 1>(&x, weight, bias, &mut y);
        collect(&y)
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Dense;
    use hls4rs_ir::{Slot, Strategy};

    use crate::hls::{Array, Constant, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage, Type};

    impl Emit for Dense {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let accum = cx.ty(Slot::Accum, "running sum");
            let registers = Storage::Registers;
            let bias = cx.stored(Slot::Bias).map(|_| cx.constant(Slot::Bias, registers, "bias"));
            let start = match &bias {
                Some(bias) => bias.at([Index::var("j")]),
                None => Expr::whole(0),
            };
            Some(match cx.node.strategy {
                Strategy::Latency | Strategy::DistributedArithmetic => {
                    latency(cx, &accum, bias.as_ref(), start)
                }
                Strategy::Resource | Strategy::ResourceUnrolled => resource(cx, &accum, bias.as_ref(), start),
            })
        }
    }

    /// `sum + accum(x[i] · weight)`, cast to the accumulator.
    fn add_product(sum: Expr, x: Expr, weight: Expr, accum: &Type) -> Expr {
        sum.plus(x.times(weight).cast(accum.clone())).cast(accum.clone())
    }

    /// Everything at once; the interval limits the multipliers.
    fn latency(cx: &mut LayerCx<'_>, accum: &Type, bias: Option<&Constant>, start: Expr) -> Function {
        let (n_in, n_out, reuse_factor) = (cx.x().len(), cx.len(), cx.node.reuse_factor);
        let weight = cx.constant(Slot::Weight, Storage::Registers, "weight");
        let sum = || Expr::var("sum", accum.format);
        let x = cx.read_x(Index::var("i"));
        let next = add_product(sum(), x, weight.at([Index::var("i"), Index::var("j")]), accum);
        let body = vec![Stmt::unrolled(
            "j",
            n_out,
            vec![
                Stmt::Var { name: "sum".to_owned(), ty: accum.clone(), value: start },
                Stmt::unrolled("i", n_in, vec![Stmt::assign("sum", [], accum.clone(), next)]),
                Stmt::assign("y", [Index::var("j")], cx.result.clone(), sum()),
            ],
        )];
        let zeros = weight.raw.iter().filter(|&&raw| raw == 0).count();
        let multipliers = (n_in * n_out).div_ceil(reuse_factor) - zeros / reuse_factor;
        let what = format!("dense, {n_in} to {n_out}, latency strategy, reuse factor {reuse_factor}.");
        let reads: Vec<_> = [Some(&weight), bias].into_iter().flatten().collect();
        let function = cx.function(&what, &reads, body);
        Function { interval: Some(reuse_factor), multipliers: Some(multipliers.max(1)), ..function }
    }

    /// A loop of `reuse_factor` steps over `block_factor` multipliers; row `ir` of the weights serves step `ir`.
    fn resource(cx: &mut LayerCx<'_>, accum: &Type, bias: Option<&Constant>, start: Expr) -> Function {
        let (n_in, n_out, reuse_factor) = (cx.x().len(), cx.len(), cx.node.reuse_factor);
        let block_factor = n_in * n_out / reuse_factor;
        let storage = if reuse_factor == 1 { Storage::Registers } else { Storage::WideRom };
        // The matrix is transposed, flat index `j · n_in + i`, and dealt out to the steps.
        let raw = &cx.facts.constant(Slot::Weight).raw;
        let flat = |at: usize| raw[at % n_in * n_out + at / n_in];
        let rows = (0..reuse_factor).flat_map(|ir| (0..block_factor).map(move |im| ir + reuse_factor * im));
        let rows = rows.map(flat).collect();
        let weight =
            cx.arranged(Slot::Weight, vec![reuse_factor, block_factor], rows, storage, "transposed weight");
        let steps = if reuse_factor <= n_in {
            all_outputs(cx, accum, &weight, n_in / reuse_factor)
        } else {
            some_outputs(cx, accum, &weight, reuse_factor / n_in)
        };
        let at_j = || [Index::var("j")];
        let last = Expr::element("sum", accum.format, at_j());
        let body = vec![
            Stmt::Array(Array::registers("sum", accum.clone(), n_out)),
            Stmt::unrolled("j", n_out, vec![Stmt::assign("sum", at_j(), accum.clone(), start)]),
            steps,
            Stmt::unrolled("j", n_out, vec![Stmt::assign("y", at_j(), cx.result.clone(), last)]),
        ];
        let what = format!(
            "dense, {n_in} to {n_out}, resource strategy: {reuse_factor} steps of {block_factor} multiplications."
        );
        let reads: Vec<_> = [Some(&weight), bias].into_iter().flatten().collect();
        let function = cx.function(&what, &reads, body);
        Function { interval: None, multipliers: None, ..function }
    }

    fn pipelined(var: &str, to: usize, body: Vec<Stmt>) -> Stmt {
        let hint = Some(LoopHint::Pipeline { ii: 1 });
        Stmt::For { var: var.to_owned(), from: 0, to, step: 1, hint, body }
    }

    /// Every step gives `share` products to every output.
    fn all_outputs(cx: &LayerCx<'_>, accum: &Type, weight: &Constant, share: usize) -> Stmt {
        let at = Index::var("ir").plus(Index::var("im").times(cx.node.reuse_factor));
        let column = Index::var("j").times(share).plus(Index::var("im"));
        let sum = Expr::element("sum", accum.format, [Index::var("j")]);
        let next = add_product(sum, cx.read_x(at), weight.at([Index::var("ir"), column]), accum);
        let add = Stmt::assign("sum", [Index::var("j")], accum.clone(), next);
        let outputs = Stmt::unrolled("j", cx.len(), vec![Stmt::unrolled("im", share, vec![add])]);
        pipelined("ir", cx.node.reuse_factor, vec![outputs])
    }

    /// Every step gives a product to one output out of `rounds`.
    fn some_outputs(cx: &LayerCx<'_>, accum: &Type, weight: &Constant, rounds: usize) -> Stmt {
        let n_in = cx.x().len();
        let output = || [Index::var("round").plus(Index::var("im").times(rounds))];
        let row = Index::var("round").times(n_in).plus(Index::var("i"));
        let sum = Expr::element("sum", accum.format, output());
        let next = add_product(sum, cx.read_x(Index::var("i")), weight.at([row, Index::var("im")]), accum);
        let add = Stmt::assign("sum", output(), accum.clone(), next);
        let inner = pipelined("i", n_in, vec![Stmt::unrolled("im", cx.len() / rounds, vec![add])]);
        let (var, hint) = ("round".to_owned(), Some(LoopHint::Flatten));
        Stmt::For { var, from: 0, to: rounds, step: 1, hint, body: vec![inner] }
    }
}
