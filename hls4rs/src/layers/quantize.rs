//! The layer that quantizes every element in a format of its own.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Quantized;
//!     input x: [4] as Fixed<10, 4>;
//!     output y = quantize(x) { rounding: Rnd, overflow: Sat, width: [4, 3, 6, 0], int_bits: [2, 3, 4, 0] };
//! }
//!
//! let x = [1.359375, 7.5, -2.84375, 3.0].map(hls4rs::fixed::Fixed::<10, 4>::from_num);
//! let y = Quantized::new().predict(&x).map(|y| y.to_num::<f64>());
//! // To the nearest quarter; at most 3; to the nearest quarter, ties up; nothing.
//! assert_eq!(y, [1.25, 3.0, -2.75, 0.0]);
//! ```

use hls4rs_fixed::{Cast, Format, Number, Overflow, Rounding};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, most};
use super::rows::assign;

/// The casts of an element: to its own format, then to that of the result; `None` for an element that is always 0.
pub type Quantizer = Option<(Cast, Cast)>;

/// The casts of an element of a format.
const fn quantizer(x: Format, element: Option<Format>, result: Format) -> Quantizer {
    match element {
        Some(element) => Some((Cast::new(x, element), Cast::new(element, result))),
        None => None,
    }
}

/// Every element's own casts.
#[derive(Clone, Copy, Debug)]
pub struct QuantizeKernel<Q> {
    elements: Q,
    container_bits: u32,
}

impl<Q: AsRef<[Quantizer]>> QuantizeKernel<Q> {
    /// Prepares the layer.
    pub fn new(elements: Q) -> Self {
        let container_bits = widest(elements.as_ref());
        Self { elements, container_bits }
    }
}

impl<Q: FromIterator<Quantizer> + AsRef<[Quantizer]>> QuantizeKernel<Q> {
    /// Prepares the layer for the formats of its input, of the elements and of its result.
    pub fn of(x: Format, elements: impl IntoIterator<Item = Option<Format>>, result: Format) -> Self {
        Self::new(elements.into_iter().map(|element| quantizer(x, element, result)).collect())
    }
}

/// The width of the integers that all casts take.
const fn widest(elements: &[Quantizer]) -> u32 {
    let (mut bits, mut i) = (1, 0);
    while i < elements.len() {
        if let Some((element, result)) = &elements[i] {
            bits = most(bits, most(element.container_bits(), result.container_bits()));
        }
        i += 1;
    }
    bits
}

impl<Q: AsRef<[Quantizer]>> Elementwise for QuantizeKernel<Q> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.container_bits
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, i: usize, x: &mut [C; L]) {
        match &self.elements.as_ref()[i] {
            Some((element, result)) => {
                assign(element, x);
                assign(result, x);
            }
            None => *x = [C::default(); L],
        }
    }
}

/// The casts of all elements of a tensor, made when the program is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Quantizers<const N: usize>([Quantizer; N]);

impl<const N: usize> Quantizers<N> {
    /// From width, integer bits and sign of each element, for an input of `X` and a result of `R`.
    pub const fn new<X: Number, R: Number>(
        elements: &[(u32, i32, bool); N],
        rounding: Rounding,
        overflow: Overflow,
    ) -> Self {
        let mut casts = [None; N];
        let mut i = 0;
        while i < N {
            let (width, int_bits, signed) = elements[i];
            if width > 0 {
                let plain =
                    if signed { Format::fixed(width, int_bits) } else { Format::ufixed(width, int_bits) };
                let element = plain.with_rounding(rounding).with_overflow(overflow);
                casts[i] = quantizer(X::FORMAT, Some(element), R::FORMAT);
            }
            i += 1;
        }
        Self(casts)
    }
}

/// Casts every element to a format of its own, then to the result; `elements` were made for `X` and `R`.
#[inline]
pub fn quantize<X: Number, R: Number, const N: usize>(x: &[X; N], elements: &Quantizers<N>) -> [R; N] {
    apply(&QuantizeKernel::new(elements.0.as_slice()), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::Format;
    use hls4rs_ir::ops::Quantize;

    use crate::hls::{Emit, Expr, Function, Index, LayerCx, Stmt, elementwise};

    impl Emit for Quantize {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let formats = self.formats(cx.facts);
            let value = |cx: &LayerCx<'_>, at: Index, format: Option<Format>| match format {
                Some(format) => cx.read_x(at).cast(format),
                None => Expr::whole(0),
            };
            if formats.windows(2).all(|pair| pair[0] == pair[1]) {
                let value = value(cx, Index::var("i"), formats[0]);
                return Some(elementwise(cx, "quantizer.", &[], Vec::new(), value));
            }
            let element = |(i, format): (usize, &Option<Format>)| {
                Stmt::assign("y", [Index::At(i)], cx.result.clone(), value(cx, Index::At(i), *format))
            };
            let body = formats.iter().enumerate().map(element).collect();
            Some(cx.function("quantizer with a format for every element.", &[], body))
        }
    }
}
