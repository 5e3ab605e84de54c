//! The layer that quantizes every element in a format of its own.

use hls4rs_fixed::{Format, Overflow, Rounding};

use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::fault::Problem;
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Done, HEADROOM, NodeCx, limited};
use crate::{Facts, Place, RawTensor, Shape, Slot};

/// The greatest width of an element of a quantizer.
pub const MAX_ELEMENT_WIDTH: u32 = 128;

/// Quantization with a format for every element: element `i` is cast to `width[i]` bits with `int_bits[i]` integer
/// bits, with a sign where `signed[i]` is 1, with one rounding and one overflow mode for all; then to the result.
///
/// # Shapes
/// `x: any`, `y` as `x`. `width`, `int_bits` and `signed` have the shape of `x`; where their extent is 1, the value
/// holds along the whole axis. Without `signed` all elements have a sign.
/// # Precision
/// One cast to the element's format, one to the result. An element of width 0 is 0. That values wrap in an element's
/// format is accepted by `overflow: Wrap`. `auto` is the narrowest format for all elements, exact.
/// # Source
/// hls4ml `backends/fpga/passes/hgq_proxy_model.py` (layer `FixedPointQuantizer`); Sun et al. 2024, arXiv:2405.00645.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantize {
    /// How all elements are rounded.
    pub rounding: Rounding,
    /// What happens to values beyond the limits of their element's format.
    pub overflow: Overflow,
}

impl Default for Quantize {
    fn default() -> Self {
        Self { rounding: Rounding::Rnd, overflow: Overflow::Sat }
    }
}

/// In the order of [`Rounding::ALL`].
const ROUNDING_WORDS: [&str; 8] =
    ["Trn", "TrnZero", "Rnd", "RndZero", "RndInf", "RndMinInf", "RndConv", "RndConvOdd"];
const OVERFLOWS: [Overflow; 4] = [Overflow::Wrap(0), Overflow::Sat, Overflow::SatZero, Overflow::SatSym];
const OVERFLOW_WORDS: [&str; 4] = ["Wrap", "Sat", "SatZero", "SatSym"];

impl Quantize {
    /// The formats of the elements, `None` for those that are always 0.
    ///
    /// # Panics
    /// If the facts are not those of a quantizer.
    pub fn formats(&self, facts: &Facts) -> Vec<Option<Format>> {
        let [width, int_bits, signed] =
            [Slot::Width, Slot::IntBits, Slot::Signed].map(|slot| &facts.constant(slot).raw);
        let elements = width.iter().zip(int_bits).zip(signed);
        elements.map(|((&width, &int_bits), &signed)| self.element(width, int_bits, signed)).collect()
    }

    fn element(&self, width: i64, int_bits: i64, signed: i64) -> Option<Format> {
        let width = u32::try_from(width).ok().filter(|&width| width > 0)?;
        let plain = Format { signed: signed != 0, ..Format::fixed(width, int_bits as i32) };
        Some(plain.with_rounding(self.rounding).with_overflow(self.overflow))
    }
}

/// The whole numbers that a slot of a quantizer may hold, and the format in which they are kept.
const fn limits(slot: Slot) -> (i64, i64, Format) {
    match slot {
        Slot::Width => (0, MAX_ELEMENT_WIDTH as i64, Format::uint(8)),
        Slot::Signed => (0, 1, Format::uint(1)),
        _ => (-128, 128, Format::int(9)),
    }
}

/// Stores the values of a slot, spread to the shape of `x`.
fn spread(cx: &mut NodeCx<'_>, slot: Slot) -> Option<Vec<i64>> {
    let shape = cx.input_shape(0).clone();
    let (least, most, format) = limits(slot);
    let raw = match cx.node().values.get(slot) {
        None => vec![1; shape.elements()],
        Some(tensor) => {
            let wrong = |v: f64| v.fract() != 0.0 || v < least as f64 || v > most as f64;
            if let Some(at) = tensor.values().iter().position(|&v| wrong(v)) {
                let value = tensor.values()[at];
                let reason = format!("expected whole numbers from {least} to {most}, found {value} (at {at})");
                let layer = cx.node().name.clone();
                cx.fault(Place::Values(slot), Problem::Format { layer, slot, reason });
                return None;
            }
            let whole: Vec<i64> = tensor.values().iter().map(|&v| v as i64).collect();
            (0..shape.elements()).map(|at| whole[broadcast(&shape, tensor.shape(), at)]).collect()
        }
    };
    cx.store(slot, RawTensor { shape, format, raw: raw.clone() });
    Some(raw)
}

/// The position in a tensor of shape `from`, whose extents may be 1 and whose outer axes may be missing, for position
/// `at` of shape `to`.
pub(crate) fn broadcast(to: &Shape, from: &Shape, at: usize) -> usize {
    let (mut rest, mut stride, mut position) = (at, 1, 0);
    for axis in (0..to.rank()).rev() {
        let along = rest % to[axis];
        rest /= to[axis];
        let Some(own) = (axis + from.rank()).checked_sub(to.rank()) else { break };
        if from[own] > 1 {
            position += along * stride;
        }
        stride *= from[own];
    }
    position
}

/// Whether values of one shape can be spread to another: each extent the same, or 1.
pub(super) fn broadcasts(from: &Shape, to: &Shape) -> bool {
    from.rank() == to.rank() && from.iter().zip(to.iter()).all(|(&from, &to)| from == to || from == 1)
}

impl Layer for Quantize {
    fn keyword(&self) -> &'static str {
        "quantize"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let index = Rounding::ALL.iter().position(|r| *r == self.rounding).unwrap_or(0);
        let at = OVERFLOWS.iter().position(|o| *o == self.overflow).unwrap_or(0);
        let (rounding, overflow) = (&mut self.rounding, &mut self.overflow);
        vec![
            Attr {
                name: "rounding",
                doc: "rounding mode of all elements",
                value: AttrRef::Choice {
                    allowed: &ROUNDING_WORDS,
                    index,
                    set: Box::new(move |n| *rounding = Rounding::ALL[n]),
                },
            },
            Attr {
                name: "overflow",
                doc: "overflow mode of all elements",
                value: AttrRef::Choice {
                    allowed: &OVERFLOW_WORDS,
                    index: at,
                    set: Box::new(move |n| *overflow = OVERFLOWS[n]),
                },
            },
        ]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let parameter = |slot, optional| Parameter {
            slot,
            shape: inputs[0].clone(),
            alternative: None,
            optional,
        };
        vec![
            parameter(Slot::Width, false),
            parameter(Slot::IntBits, false),
            parameter(Slot::Signed, true),
        ]
    }

    fn takes(&self, parameter: &Parameter, found: &Shape) -> bool {
        broadcasts(found, &parameter.shape)
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let (width, int_bits, signed) =
            (spread(cx, Slot::Width), spread(cx, Slot::IntBits), spread(cx, Slot::Signed));
        let elements: Vec<_> = width?.into_iter().zip(int_bits?).zip(signed?).collect();
        let formats = elements.iter().map(|&((w, i), s)| self.element(w, i, s));
        let formats: Vec<Option<Format>> = formats.collect();
        let frac_bits = formats.iter().flatten().map(|f| f.frac_bits()).max().unwrap_or(0);
        // The finest element's unit must be within reach of all others and of the input.
        let coarsest = formats.iter().flatten().map(|f| f.frac_bits()).min().unwrap_or(0);
        let room = (frac_bits - coarsest).max(frac_bits - x.range.frac_bits).max(0).unsigned_abs();
        if room + x.result().width + MAX_ELEMENT_WIDTH > Format::MAX_WIDTH - HEADROOM {
            let (layer, slot) = (cx.node().name.clone(), Slot::Width);
            let reason = format!(
                "the units of the elements are too far apart, from 2^{} to 2^{}; bring `width` and `int_bits` closer",
                -frac_bits, -coarsest
            );
            cx.fault(Place::Values(slot), Problem::Format { layer, slot, reason });
            return None;
        }
        let element = |(e, format): (&Interval, &Option<Format>)| {
            let Some(format) = format else { return Interval::point(hls4rs_fixed::Wide::ZERO) };
            let rounded = quantized(*e, x.range.frac_bits, *format);
            let one = Ranges { frac_bits: format.frac_bits(), elements: vec![rounded] };
            limited(&one, *format).elements[0].finer((frac_bits - format.frac_bits()).unsigned_abs())
        };
        let elements = x.range.elements.iter().zip(&formats).map(element).collect();
        Some(cx.settle_result(&Ranges { frac_bits, elements }).into())
    }
}
