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
                    let mut product = map(&x[i], |x| x.widen().times(w));
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
    let kernel = DenseKernel::new(M, stride, formats, false);
    let any = most(bits(X::FORMAT.product(W::FORMAT)) + usize::BITS - N.leading_zeros(), bits(A::FORMAT)) + 2;
    with_container!(kernel.container_bits(any), C => {
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

    use crate::hls::{
        Array, Constant, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage, Type,
    };

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
                Strategy::Latency => latency(cx, &accum, bias.as_ref(), start),
                Strategy::Resource => resource(cx, &accum, bias.as_ref(), start),
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
        let weight = cx.arranged(Slot::Weight, vec![reuse_factor, block_factor], rows, storage, "transposed weight");
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
