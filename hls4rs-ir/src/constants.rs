//! What a layer stores: trained values, scalars and function tables, in their formats.

use hls4rs_fixed::{Format, Overflow, Rounding, Wide, from_f64};

use crate::fault::Problem;
use crate::range::{Interval, unlimited};
use crate::resolve::{NodeCx, wraps};
use crate::{Place, Precision, RawTensor, Shape, Slot, Tensor};

/// The widest constant that is stored.
pub const MAX_CONSTANT_WIDTH: u32 = 63;

impl NodeCx<'_> {
    /// Stores the trained values of `slot` in their format, and returns them.
    ///
    /// `auto` is the narrowest format that holds them exactly. Values beyond the limits of a wrapping format are a
    /// fault. Missing values are `None`; whether they may be missing was checked when the node was added.
    pub fn store_values(&mut self, slot: Slot) -> Option<&RawTensor> {
        let tensor = self.node.values.get(slot)?;
        let Some(auto) = exact_format(tensor.values()) else {
            self.fault(Place::Values(slot), Problem::NotFinite { layer: self.node.name.clone(), slot });
            return None;
        };
        self.store_in_format(slot, auto, tensor, &|_| true)
    }

    /// Stores one number, a parameter of an activation, as a tensor of shape `[1]`.
    pub fn store_scalar(&mut self, slot: Slot, value: f64, auto: Format) -> Option<&RawTensor> {
        self.store_in_format(slot, auto, &list(vec![value]), &|_| true)
    }

    /// Stores a function table; `reached` says which entries the input can address, the others may wrap.
    pub fn store_table(
        &mut self,
        slot: Slot,
        auto: Format,
        values: Vec<f64>,
        reached: &dyn Fn(usize) -> bool,
    ) -> Option<&RawTensor> {
        self.store_in_format(slot, auto, &list(values), reached)
    }

    /// Keeps constants that the layer has computed, such as a function table.
    pub fn store(&mut self, slot: Slot, constant: RawTensor) -> &RawTensor {
        self.formats.set(slot, constant.format);
        self.constants.set(slot, constant);
        self.stored(slot)
    }

    /// What was stored in `slot`.
    ///
    /// # Panics
    /// If nothing was.
    pub fn stored(&self, slot: Slot) -> &RawTensor {
        self.constants.get(slot).expect("stored before")
    }

    /// Whether values of `format` can be stored; a fault if not.
    pub fn storable(&mut self, slot: Slot, format: Format) -> bool {
        let fits = format.width <= MAX_CONSTANT_WIDTH;
        if !fits {
            let (layer, width) = (self.node.name.clone(), format.width);
            let auto = self.precision(slot).format().is_none();
            let problem = Problem::ConstantTooWide { layer, slot, width, auto };
            self.fault(Place::Precision(slot), problem);
        }
        fits
    }

    /// The fault of values that wrap in a format that was not declared as one in which they may.
    pub fn check_fit(&mut self, slot: Slot, format: Format, values: &[f64], reached: &dyn Fn(usize) -> bool) {
        if wraps(format)
            && matches!(self.precision(slot), Precision::Checked(_))
            && let Some(problem) = misfits(&self.node.name, slot, values, format, reached)
        {
            self.fault(Place::Precision(slot), problem);
        }
    }

    fn store_in_format(
        &mut self,
        slot: Slot,
        auto: Format,
        tensor: &Tensor,
        reached: &dyn Fn(usize) -> bool,
    ) -> Option<&RawTensor> {
        let format = self.precision(slot).format().unwrap_or(auto);
        if !self.storable(slot, format) {
            return None;
        }
        self.check_fit(slot, format, tensor.values(), reached);
        let raw = raw_values(tensor.values(), format);
        Some(self.store(slot, RawTensor { shape: tensor.shape().clone(), format, raw }))
    }
}

/// Values in a format of at most [`MAX_CONSTANT_WIDTH`] bits.
pub(crate) fn raw_values(values: &[f64], format: Format) -> Vec<i64> {
    values.iter().map(|&v| narrow(from_f64(v, format))).collect()
}

/// The format of `width` bits for values that cannot be exact, such as a function table: it rounds, saturates, and
/// has the integer bits that the values need, at most `max_int_bits`.
pub(crate) fn rounded_format(values: impl Iterator<Item = f64>, width: u32, max_int_bits: i32) -> Format {
    let ends = values.filter(|v| v.is_finite()).fold((0.0f64, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    // Unit 2^-40: fine enough to tell 1 from values just below it, coarse enough for exp(88).
    let like = Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - 40).with_overflow(Overflow::Sat);
    let holding = Format::holding(from_f64(ends.0, like), from_f64(ends.1, like), 40);
    let int_bits = holding.int_bits.clamp(-16, max_int_bits);
    let format =
        if holding.signed { Format::fixed(width, int_bits) } else { Format::ufixed(width, int_bits) };
    format.with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat)
}

/// The format of a scalar parameter left to `auto`: exact if that takes at most eight bits and a sign, else its
/// leading eight bits.
///
/// # Source
/// hls4ml `model/optimizer/passes/infer_precision.py`, rule of parametrized activations.
pub fn scalar_format(value: f64) -> Format {
    if value == 0.0 || !value.is_finite() {
        return Format::ufixed(1, 1);
    }
    let frac = (-trailing_exponent(value)).clamp(-31, 32);
    let end = (value + f64::from(-frac).exp2()).max(-value);
    let int = end.log2().ceil() as i32;
    let sign = i32::from(value < 0.0);
    let width = (sign + int + frac).min(sign + 8).max(1).unsigned_abs();
    let plain = if value < 0.0 { Format::fixed } else { Format::ufixed };
    plain(width, sign + int)
}

/// The narrowest format that holds a parameter exactly if `width` bits do, else its format of `width` bits without
/// negative integer bits.
pub(crate) fn scalar_in(value: f64, width: u32) -> Format {
    if let Some(exact) = exact_format(&[value]).filter(|exact| exact.width <= width) {
        return exact;
    }
    let Format { int_bits, signed, .. } = rounded_format([value].into_iter(), width, 1 << 10);
    Format { signed, ..Format::fixed(width, int_bits.max(0)) }
}

fn list(values: Vec<f64>) -> Tensor {
    let shape = Shape::new(&[values.len()]).expect("one value or a table of a checked size");
    Tensor::new(shape, values).expect("a list has as many values as it has")
}

fn misfits(
    layer: &str,
    slot: Slot,
    values: &[f64],
    format: Format,
    reached: &dyn Fn(usize) -> bool,
) -> Option<Problem> {
    let room = unlimited(format).with_overflow(Overflow::Sat);
    let limits = Interval::of_format(format);
    let mut count = 0;
    let mut hull = Interval::point(Wide::ZERO);
    let mut worst: Option<(Wide, usize)> = None;
    for (at, &value) in values.iter().enumerate().filter(|(at, _)| reached(*at)) {
        let raw = from_f64(value, room);
        hull = hull.hull(Interval::point(raw));
        if !format.contains_raw(raw) {
            count += 1;
            // Halved, so that the excess of a saturated value does not overflow itself.
            let excess =
                if raw.is_negative() { (limits.lo >> 1) - (raw >> 1) } else { (raw >> 1) - (limits.hi >> 1) };
            if worst.is_none_or(|(most, _)| excess > most) {
                worst = Some((excess, at));
            }
        }
    }
    let (_, at) = worst?;
    let tight = Format::holding(hull.lo, hull.hi, format.frac_bits());
    Some(Problem::ValuesDoNotFit {
        layer: layer.to_owned(),
        slot,
        count,
        total: values.len(),
        worst: values[at],
        at,
        needed: Format { rounding: format.rounding, overflow: format.overflow, ..tight },
        found: format,
    })
}

/// The narrowest format that holds all values exactly; `None` if one is not finite.
fn exact_format(values: &[f64]) -> Option<Format> {
    if values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let frac_bits = values.iter().filter(|v| **v != 0.0).map(|&v| -trailing_exponent(v)).max().unwrap_or(0);
    let room = Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - frac_bits);
    let ends = values.iter().fold((0.0f64, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
    if ends.1.max(-ends.0).log2() + f64::from(frac_bits) > f64::from(Format::MAX_WIDTH - 2) {
        return Some(room);
    }
    Some(Format::holding(from_f64(ends.0, room), from_f64(ends.1, room), frac_bits))
}

/// The weight of the lowest bit that is set in the binary expansion of a finite value other than zero.
fn trailing_exponent(value: f64) -> i32 {
    let bits = value.to_bits();
    let (exponent, fraction) = (((bits >> 52) & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let (exponent, significand) =
        if exponent == 0 { (-1074, fraction) } else { (exponent - 1075, fraction | 1 << 52) };
    exponent + significand.trailing_zeros() as i32
}

fn narrow(raw: Wide) -> i64 {
    raw.to_i128().and_then(|raw| i64::try_from(raw).ok()).expect("constants are at most 63 bits wide")
}
