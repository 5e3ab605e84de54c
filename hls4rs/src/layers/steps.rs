//! Activations with two or three values: `binary_tanh`, `ternary_tanh`, `binary_threshold`, `ternary_threshold`.
//!
//! A binary dense layer, with weights of -1 and 1 and data that are one bit between the layers:
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Binary;
//!     input x: [3] as Fixed<8, 4>;
//!     let signs = binary_tanh(x);
//!     let sums = dense(signs, 2) { weight: [[1, -1], [1, 1], [-1, 1]] };
//!     output y = binary_threshold(sums) { threshold: [1, 3] } as Uint<1>;
//! }
//!
//! let x = [0.5, -2.0, -0.25].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! // Signs 1, -1, -1; sums 1 - 1 + 1 = 1 and -1 - 1 - 1 = -3.
//! assert_eq!(Binary::new().predict(&x).map(|y| y.to_num::<u8>()), [1, 0]);
//! ```

use hls4rs_fixed::{Cast, Format, Number, Wide};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, bits, most};
use super::rows::assign;
use super::{Constants, Values};

/// 1 above an upper limit, -1 up to a lower one, else 0; the limits may differ from element to element.
#[derive(Clone, Copy, Debug)]
pub struct StepsKernel<U, L> {
    upper: U,
    lower: L,
    /// Cast before the comparison.
    before: Option<Cast>,
    x_up: u32,
    upper_up: u32,
    lower_up: u32,
    /// Whether the limits themselves count as above.
    inclusive: bool,
    container_bits: u32,
    /// The results -1, 0 and 1.
    values: [Wide; 3],
}

impl<U: Values, L: Values> StepsKernel<U, L> {
    /// Prepares the layer for the formats of its input, limits and result.
    pub const fn new([x, upper_format, lower_format, result]: [Format; 4], upper: U, lower: L) -> Self {
        let finest = finest(x.frac_bits(), finest(upper_format.frac_bits(), lower_format.frac_bits()));
        let (x_up, upper_up, lower_up) = (up(x, finest), up(upper_format, finest), up(lower_format, finest));
        let limits = most(bits(upper_format) + upper_up, bits(lower_format) + lower_up);
        // A limit that counts as above is one less.
        let container_bits = most(most(bits(x) + x_up, limits) + 1, bits(result));
        let values = [value(-1, result), Wide::ZERO, value(1, result)];
        Self {
            upper,
            lower,
            before: None,
            x_up,
            upper_up,
            lower_up,
            inclusive: false,
            container_bits,
            values,
        }
    }

    /// The same with the limits themselves counting as above.
    #[must_use]
    pub fn from_the_limit(self) -> Self {
        Self { inclusive: true, ..self }
    }

    /// The same for the input after a cast.
    #[must_use]
    pub fn after(self, cast: Cast) -> Self {
        let container_bits = most(self.container_bits, cast.container_bits());
        Self { before: Some(cast), container_bits, ..self }
    }
}

const fn finest(a: i32, b: i32) -> i32 {
    if a > b { a } else { b }
}

const fn up(format: Format, frac_bits: i32) -> u32 {
    (frac_bits - format.frac_bits()).unsigned_abs()
}

/// A result in its format; an unsigned one has a 0 for the -1.
const fn value(value: i64, result: Format) -> Wide {
    if value < 0 && !result.signed {
        return Wide::ZERO;
    }
    Cast::new(Format::fixed(2, 2), result).wide(Wide::from_i64(value))
}

impl<U: Values, L: Values> Elementwise for StepsKernel<U, L> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.container_bits
    }

    #[inline(always)]
    fn row<C: Int, const LANES: usize>(&self, i: usize, x: &mut [C; LANES]) {
        if let Some(cast) = &self.before {
            assign(cast, x);
        }
        let own = C::from_i64(i64::from(self.inclusive));
        let upper = C::from_i64(self.upper.at(i % self.upper.count())).up(self.upper_up).minus(own);
        let lower = C::from_i64(self.lower.at(i % self.lower.count())).up(self.lower_up).minus(own);
        let [minus_one, zero, one] = self.values.map(C::from_wide);
        for x in x {
            let fine = x.up(self.x_up);
            let low = if fine > lower { zero } else { minus_one };
            *x = if fine > upper { one } else { low };
        }
    }
}

/// One whole limit for all elements.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub i64);

impl Values for Limit {
    #[inline(always)]
    fn at(&self, _: usize) -> i64 {
        self.0
    }
    fn count(&self) -> usize {
        1
    }
}

/// The kernel of an activation with whole limits: an upper and a lower one.
pub const fn tanh_kernel(x: Format, result: Format, [upper, lower]: [i64; 2]) -> StepsKernel<Limit, Limit> {
    let whole = Format::fixed(2, 2);
    StepsKernel::new([x, whole, whole, result], Limit(upper), Limit(lower))
}

/// 1 where `x >= 0`, else -1, in an unsigned `R` 0.
#[inline]
pub fn binary_tanh<X: Number, R: Number, const N: usize>(x: &[X; N]) -> [R; N] {
    apply(&tanh_kernel(X::FORMAT, R::FORMAT, [0, 0]).from_the_limit(), x)
}

/// 1 where `x > 1/2`, -1 where `x <= -1/2`, else 0; with `doubled` the double of `x` is cast to `X` and compared with 1
/// and -1, without `x` itself is.
#[inline]
pub fn ternary_tanh<X: Number, R: Number, const N: usize>(x: &[X; N], doubled: bool) -> [R; N] {
    let kernel = tanh_kernel(X::FORMAT, R::FORMAT, [1, -1]);
    let double = Format { int_bits: X::FORMAT.int_bits + 1, ..X::FORMAT };
    if doubled { apply(&kernel.after(Cast::new(double, X::FORMAT)), x) } else { apply(&kernel, x) }
}

/// 1 where `x >= threshold`, else -1, in an unsigned `R` 0.
#[inline]
pub fn binary_threshold<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    threshold: &Constants<T, S>,
) -> [R; N] {
    let formats = [X::FORMAT, T::FORMAT, T::FORMAT, R::FORMAT];
    apply(&StepsKernel::new(formats, threshold, threshold).from_the_limit(), x)
}

/// 1 where `x > upper`, -1 where `x <= lower`, else 0.
#[inline]
pub fn ternary_threshold<X, U, L, R, const N: usize, const S: usize, const T: usize>(
    x: &[X; N],
    upper: &Constants<U, S>,
    lower: &Constants<L, T>,
) -> [R; N]
where
    X: Number,
    U: Number,
    L: Number,
    R: Number,
{
    apply(&StepsKernel::new([X::FORMAT, U::FORMAT, L::FORMAT, R::FORMAT], upper, lower), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::{QuantizedTanh, Threshold};

    use crate::hls::{
        Comparison, Constant, Emit, Expr, Function, Index, LayerCx, Stmt, Storage, elementwise,
    };

    impl Emit for QuantizedTanh {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let x = cx.read_x(Index::var("i"));
            if !self.ternary {
                let value = binary(cx, x, Expr::whole(0));
                return Some(elementwise(cx, "binary tanh.", &[], Vec::new(), value));
            }
            let Some(cast) = self.compared(x.format, cx.io) else {
                let value = ternary(cx, x, Expr::whole(1), Expr::whole(-1));
                return Some(elementwise(cx, "ternary tanh of the double.", &[], Vec::new(), value));
            };
            let ty = cx.x().ty.clone();
            let double = x.times(Expr::whole(2)).cast(ty.clone());
            let before = vec![Stmt::bind("twice", ty, double)];
            let value = ternary(cx, Expr::var("twice", cast.dst()), Expr::whole(1), Expr::whole(-1));
            Some(elementwise(cx, "ternary tanh.", &[], before, value))
        }
    }

    impl Emit for Threshold {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let x = cx.len();
            let [upper, lower] = self.thresholds();
            let upper = values(cx, upper);
            let lower = self.ternary.then(|| values(cx, lower));
            // One value for each channel, or for each element; either list may be the shorter one.
            let channels = lower.iter().chain([&upper]).map(|c| c.raw.len()).min().unwrap_or(x);
            let (row, channel) = (Index::var("row").times(channels), Index::var("channel"));
            let rows = x / channels;
            let element = if rows == 1 { channel.clone() } else { row.plus(channel.clone()) };
            let at = |c: &Constant| {
                c.at([if c.raw.len() == channels { channel.clone() } else { element.clone() }])
            };
            let read = cx.read_x(element.clone());
            let value = match &lower {
                Some(lower) => ternary(cx, read, at(&upper), at(lower)),
                None => binary(cx, read, at(&upper)),
            };
            let assign = Stmt::assign("y", [element.clone()], cx.result.clone(), value);
            let inner = Stmt::unrolled("channel", channels, vec![assign]);
            let body = if rows == 1 { inner } else { Stmt::unrolled("row", rows, vec![inner]) };
            let reads: Vec<_> = [Some(&upper), lower.as_ref()].into_iter().flatten().collect();
            Some(cx.function("steps at thresholds.", &reads, vec![body]))
        }
    }

    /// The -1 in the result, or what an unsigned one has for it.
    fn minus_one(cx: &LayerCx<'_>) -> Expr {
        Expr::whole(if cx.result.format.signed { -1 } else { 0 })
    }

    fn binary(cx: &LayerCx<'_>, x: Expr, limit: Expr) -> Expr {
        let above = x.compare(Comparison::AtLeast, limit);
        Expr::select(cx.result.clone(), above, Expr::whole(1), minus_one(cx))
    }

    fn ternary(cx: &LayerCx<'_>, x: Expr, upper: Expr, lower: Expr) -> Expr {
        let above = x.clone().compare(Comparison::Greater, upper);
        let between = x.compare(Comparison::Greater, lower);
        let low = Expr::select(cx.result.clone(), between, Expr::whole(0), minus_one(cx));
        Expr::select(cx.result.clone(), above, Expr::whole(1), low)
    }

    fn values(cx: &mut LayerCx<'_>, slot: Slot) -> Constant {
        let raw = cx.facts.constant(slot).raw.clone();
        cx.arranged(slot, vec![raw.len()], raw, Storage::Registers, "limit")
    }
}
