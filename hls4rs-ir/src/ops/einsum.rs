//! Products of two tensors.

mod equation;

use hls4rs_fixed::{Format, Wide};

pub use equation::Axes;
pub(super) use equation::Equation;

use super::moves::reshape;
use super::{Arity, Layer, Unfit, few_elements};
use crate::attr::{Attr, AttrRef};
use crate::hardware::Multiplications;
use crate::range::{Interval, Ranges};
use crate::resolve::{Accumulation, Done, NodeCx};
use crate::{Shape, Slot};

/// The sum of products of two tensors by Einstein's convention, or the product of matrices.
///
/// `einsum` takes an equation such as `"ij,jk->ik"`: a letter for each axis of both inputs and of the result. Letters that
/// the result does not have are summed; letters that both inputs and the result have go along.
/// `matmul` multiplies the last two axes as matrices, `[…, n, k]` with `[…, k, m]`; the axes before them go along.
///
/// # Shapes
/// `a` and `b` as the equation says, an axis of one letter of one extent; `y` has the extents of its letters, `[1]` if
/// it has none.
/// # Precision
/// The sum starts from 0 and runs over the summed axes in their order in `a`. Each exact product is added to the sum,
/// and the sum is cast to `accum`; one cast to the result at the end. (In `dense` the product is cast before it is
/// added.) `accum: auto` has the unit of the exact products and room for the largest sum.
/// # Hardware
/// At most `ceil(products / reuse_factor)` multipliers; interval `reuse_factor` cycles.
/// # Source
/// hls4ml `nnet_utils/nnet_einsum.h`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Einsum {
    /// The equation; `None` for the product of matrices.
    pub equation: Option<String>,
}

impl Einsum {
    /// An `einsum` without its equation yet.
    pub const fn new() -> Self {
        Self { equation: Some(String::new()) }
    }

    /// The product of matrices.
    pub const fn matmul() -> Self {
        Self { equation: None }
    }

    /// The axes of the product.
    ///
    /// # Errors
    /// Which input or attribute does not fit.
    pub fn axes(&self, inputs: &[&Shape]) -> Result<Axes, Unfit> {
        let (a, b) = (inputs[0], inputs[1]);
        let equation = match &self.equation {
            Some(text) => Equation::parse(text)?,
            None => matrices(a, b)?,
        };
        equation.check_rank(0, &equation.a, a)?;
        equation.check_rank(1, &equation.b, b)?;
        for (letter, &extent) in equation.b.iter().zip(b.iter()) {
            if let Some(at) = equation.a.iter().position(|c| c == letter)
                && a[at] != extent
            {
                let expected = format!("an extent of {} for `{letter}`, as in {a}", a[at]);
                return Err(Unfit::Input { n: 1, expected, help: None });
            }
        }
        Ok(equation.axes(a, b))
    }
}

impl Default for Einsum {
    fn default() -> Self {
        Self::new()
    }
}

/// The product of the last two axes, for shapes that agree in the others.
fn matrices(a: &Shape, b: &Shape) -> Result<Equation, Unfit> {
    if a.rank() < 2 {
        let (expected, to) = ("a matrix [n, k], or several".to_owned(), format!("[1, {}]", a[0]));
        return Err(Unfit::Input { n: 0, expected, help: reshape(&to) });
    }
    let along = a.rank() - 2;
    if b.rank() != a.rank() || b[..along] != a[..along] || b[along] != a[along + 1] {
        let mut words: Vec<_> = a[..along].iter().map(usize::to_string).collect();
        words.extend([a[along + 1].to_string(), "m".to_owned()]);
        let expected = format!("[{}] for the product with {a}", words.join(", "));
        return Err(Unfit::Input { n: 1, expected, help: None });
    }
    let others: String = ('a'..='j').take(along).collect();
    Equation::parse(&format!("{others}nk,{others}km->{others}nm"))
}

/// Settles the accumulator of products that are summed one by one, with what is added to begin with.
///
/// `product` gives the interval of a product from the positions of its factors, in units of `2^-frac_bits`; `start`
/// that of what each sum starts from, in units of the format it is given.
pub(super) fn settle_products(
    cx: &mut NodeCx<'_>,
    axes: &Axes,
    frac_bits: i32,
    start_bits: i32,
    product: impl Fn(usize, usize) -> Interval,
    start: impl Fn(usize, Format) -> Interval,
) -> Done {
    let exact_bits = frac_bits.max(start_bits);
    let width = Format::MAX_WIDTH;
    let asked = cx.precision(Slot::Accum).format();
    let accum = asked.unwrap_or(Format::fixed(width, width as i32 - exact_bits));
    let unit = accum.frac_bits();
    let zero = Interval::point(Wide::ZERO);
    let (mut partial, mut products) = (zero, zero);
    let geometry = axes.contraction();
    let sum = |n: usize| {
        let (a, b) = geometry.output(n);
        let first = start(n, accum);
        let (mut total, mut any) = (first, first);
        for c in 0..geometry.products() {
            let (step_a, step_b) = geometry.product(c);
            let term = enclosed(product(a + step_a, b + step_b), frac_bits, unit);
            (total, any) = (total.sum(term), any.sum(term.hull(zero)));
            products = products.hull(term);
        }
        partial = partial.hull(any);
        total
    };
    let elements = (0..geometry.outputs()).map(sum).collect();
    let total = Ranges { frac_bits: unit, elements };
    let reached = cx.settle_cast_to(Slot::Accum, total.format(), &total);
    let accum = *cx.formats.get(Slot::Accum).expect("settled");
    let unlimited = crate::resolve::wraps(accum) || partial.fits(accum);
    let all = |_: Interval| Interval::of_format(accum);
    let reached = if unlimited { reached } else { reached.map(unit, all) };
    let accumulation =
        Accumulation { partial, total: total.hull(), product: products, exact: unit >= exact_bits };
    Done { range: cx.settle_result(&reached), accumulation: Some(accumulation) }
}

/// An interval in another unit, its ends rounded outwards: right for every rounding mode.
fn enclosed(e: Interval, from: i32, to: i32) -> Interval {
    let bits = (to - from).unsigned_abs();
    if to >= from {
        return e.finer(bits);
    }
    Interval { lo: e.lo >> bits, hi: -(-e.hi >> bits) }
}

impl Layer for Einsum {
    fn keyword(&self) -> &'static str {
        if self.equation.is_some() { "einsum" } else { "matmul" }
    }

    fn arity(&self) -> Arity {
        Arity::Exactly(2)
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let equation = self.equation.as_mut().map(|equation| Attr {
            name: "equation",
            doc: "a letter for each axis of both inputs and of the result, such as \"ij,jk->ik\"",
            value: AttrRef::Text(equation),
        });
        equation.into_iter().collect()
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let axes = self.axes(inputs)?;
        let expected = || format!("a factor that makes {}", few_elements());
        axes.shape().ok_or_else(|| Unfit::Input { n: 1, expected: expected(), help: None })
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        let axes = self.axes(inputs).ok()?;
        let geometry = axes.contraction();
        Some(Multiplications::matrix(geometry.products(), geometry.outputs()))
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let (a, b) = (cx.input(0), cx.input(1));
        let axes = self.axes(&[cx.input_shape(0), cx.input_shape(1)]).ok()?;
        cx.exact(0, a.result().product(b.result()))?;
        let frac_bits = a.range.frac_bits + b.range.frac_bits;
        let product = |i: usize, j: usize| a.range.elements[i].product(b.range.elements[j]);
        let start = |_: usize, _: Format| Interval::point(Wide::ZERO);
        Some(settle_products(cx, &axes, frac_bits, frac_bits, product, start))
    }
}
