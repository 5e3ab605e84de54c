//! The layers of a proxy model of HGQ: quantizers with a format for every element, and tables.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::draft::Type;
use hls4rs_ir::ops::{MAX_ELEMENT_WIDTH, Quantize, UnaryLut};
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::attributes::Attributes;
use super::super::call::{Call, Value};

/// The widest table that an index of all bits of a number can have.
const MAX_TABLE_BITS: i64 = 24;

/// The rounding mode of a word; stochastic rounding is for training.
pub(super) fn rounding(attributes: &Attributes<'_>, key: &'static str) -> Rounding {
    let word = attributes.word(key).to_uppercase();
    match word.strip_prefix("S_").unwrap_or(&word) {
        "TRN" => Rounding::Trn,
        "TRN_ZERO" => Rounding::TrnZero,
        "RND" => Rounding::Rnd,
        "RND_ZERO" => Rounding::RndZero,
        "RND_INF" => Rounding::RndInf,
        "RND_MIN_INF" => Rounding::RndMinInf,
        "RND_CONV" => Rounding::RndConv,
        other => {
            attributes.wrong(key, format!("the rounding mode `{other}` is not supported"));
            Rounding::Trn
        }
    }
}

/// The overflow mode of a word.
pub(super) fn overflow(attributes: &Attributes<'_>, key: &'static str) -> Overflow {
    match attributes.word(key).to_uppercase().as_str() {
        "WRAP" => Overflow::Wrap(0),
        "SAT" => Overflow::Sat,
        "SAT_SYM" | "SYM" => Overflow::SatSym,
        "SAT_ZERO" => Overflow::SatZero,
        other => {
            attributes.wrong(key, format!("the overflow mode `{other}` is not supported"));
            Overflow::Wrap(0)
        }
    }
}

/// Signs, widths and integer bits (sign included) of elements, of one shape or of one value.
pub(super) struct Masks {
    pub(super) signed: Tensor,
    pub(super) width: Tensor,
    pub(super) int_bits: Tensor,
}

impl Masks {
    /// Checks values that come from a file; an element without bits is 0.
    pub(super) fn checked(attributes: &Attributes<'_>, masks: [Tensor; 3]) -> Option<Self> {
        let [signed, width, int_bits] = masks;
        let whole = |tensor: &Tensor, from: f64, to: f64| {
            tensor.values().iter().all(|v| v.fract() == 0.0 && (from..=to).contains(v))
        };
        let widest = f64::from(MAX_ELEMENT_WIDTH);
        let sound = signed.shape() == width.shape()
            && width.shape() == int_bits.shape()
            && whole(&signed, 0.0, 1.0)
            && whole(&width, f64::from(i16::MIN), widest)
            && whole(&int_bits, -widest, widest);
        if !sound {
            let reason =
                format!("its masks are not signs, widths of up to {MAX_ELEMENT_WIDTH} and integer bits");
            attributes.fault(reason);
            return None;
        }
        let bits = |values: Vec<f64>| Tensor::new(width.shape().clone(), values).expect("as many values");
        let some = |tensor: &Tensor| {
            let values = tensor.values().iter().zip(width.values());
            values.map(|(&v, &width)| if width > 0.0 { v } else { 0.0 }).collect()
        };
        Some(Self { signed, width: bits(some(&width)), int_bits: bits(some(&int_bits)) })
    }

    /// Without the axis of samples; of one value, if all elements share it.
    pub(super) fn without_samples(tensor: Tensor, rank: usize) -> Tensor {
        let extents = match tensor.shape().elements() {
            1 => vec![1; rank],
            _ if tensor.shape().rank() == rank + 1 => tensor.shape()[1..].to_vec(),
            _ => return tensor,
        };
        super::super::call::reshaped(tensor, &extents)
    }
}

/// Adds a quantizer of these masks after `x`.
pub(super) fn quantized(
    call: &mut Call<'_>,
    x: &Value,
    name: String,
    op: Quantize,
    masks: Masks,
) -> Option<Value> {
    let mut node = call.node("FixedPointQuantizer", op, &[x]);
    node.name = name;
    node.values.set(Slot::Signed, masks.signed);
    node.values.set(Slot::Width, masks.width);
    node.values.set(Slot::IntBits, masks.int_bits);
    call.push(node)
}

/// The layer `FixedPointQuantizer`.
///
/// Its `overrides` are what HGQ has found for the hardware of other layers: how many positions are computed at once,
/// which changes no number.
pub(super) fn quantizer(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let op = Quantize { rounding: rounding(attributes, "RND"), overflow: overflow(attributes, "SAT") };
    let shared = attributes.flag("fusible", false);
    attributes.ignore(&["shape"]);
    check_overrides(attributes);
    let [signed, width, int_bits] = call.stored.variables("", ["keep_negative", "bits", "integers"]);
    let x = call.only_input()?;
    let mask = |name: &str, tensor: Option<Tensor>| {
        let tensor = call.needed(name, tensor)?;
        let tensor = match shared {
            true => first(&tensor),
            false => tensor,
        };
        Some(Masks::without_samples(tensor, x.shape.rank()))
    };
    let masks = [mask("keep_negative", signed)?, mask("bits", width)?, mask("integers", int_bits)?];
    let masks = Masks::checked(&call.attributes, masks)?;
    let name = call.attributes.layer().to_owned();
    quantized(call, &x, name, op, masks)
}

fn first(tensor: &Tensor) -> Tensor {
    let shape = Shape::new(&[1]).expect("a valid shape");
    Tensor::new(shape, tensor.values()[..1].to_vec()).expect("one value")
}

fn check_overrides(attributes: &Attributes<'_>) {
    let Some(overrides) = attributes.value("overrides") else { return };
    let layers = overrides.get("layers").and_then(|layers| layers.as_object());
    for (layer, settings) in layers.into_iter().flatten() {
        for key in settings.as_object().into_iter().flatten().map(|(key, _)| key) {
            if key != "parallelization_factor" {
                attributes.wrong("overrides", format!("`{key}` of layer `{layer}` is not supported"));
            }
        }
    }
}

/// The layer `UnaryLUT`: a table that is addressed by all bits of a number.
pub(super) fn unary_lut(call: &mut Call<'_>) -> Option<Value> {
    let kif = call.attributes.integers("kif_out");
    call.attributes.ignore(&["kif_in"]);
    let [table] = call.stored.variables("", ["table"]);
    let x = call.only_input()?;
    let &[k, i, f] = kif.as_slice() else {
        call.attributes.wrong("kif_out", format!("expected sign, integer and fraction bits, found {kif:?}"));
        return None;
    };
    let format = format(k, i, f, Rounding::Trn, Overflow::Wrap(0));
    let Some(format) = format else {
        call.attributes.wrong("kif_out", format!("{kif:?} is no format"));
        return None;
    };
    let table = call.needed("table", table)?;
    look_up(call, &x, table, format)
}

/// Adds the node of a table of the values of a format.
pub(super) fn look_up(call: &mut Call<'_>, x: &Value, table: Tensor, format: Format) -> Option<Value> {
    let entries = table.shape().elements();
    let table = super::super::call::reshaped(table, &[entries]);
    let mut node = call.node("UnaryLUT", UnaryLut { table_size: entries }, &[x]);
    node.values.set(Slot::Table, table);
    node.types.set(Slot::Table, Type::Fixed(format));
    call.push(node)
}

/// The format of sign, integer bits without it and fraction bits.
pub(super) fn format(k: i64, i: i64, f: i64, rounding: Rounding, overflow: Overflow) -> Option<Format> {
    let small = |bits: i64| bits.abs() <= i64::from(MAX_ELEMENT_WIDTH);
    if !(0..=1).contains(&k) || !small(i) || !small(f) {
        return None;
    }
    let width = u32::try_from((k + i + f).max(1)).ok()?;
    let format = Format { width, int_bits: (k + i) as i32, signed: k == 1, rounding, overflow };
    format.check().is_ok().then_some(format)
}

/// How many values a number of so many bits has, if a table can have as many.
pub(super) fn entries(bits: i64) -> Option<usize> {
    (0..=MAX_TABLE_BITS).contains(&bits).then(|| 1 << bits)
}
