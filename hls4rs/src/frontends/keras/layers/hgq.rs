//! The layers of HGQ's proxy models: quantizers with a format for every element, and tables.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::draft::Type;
use hls4rs_ir::ops::{Quantize, UnaryLut};
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::attributes::Attributes;
use super::super::call::{Call, Value};

const ROUNDINGS: [(&str, Rounding); 7] = [
    ("TRN", Rounding::Trn),
    ("TRN_ZERO", Rounding::TrnZero),
    ("RND", Rounding::Rnd),
    ("RND_ZERO", Rounding::RndZero),
    ("RND_INF", Rounding::RndInf),
    ("RND_MIN_INF", Rounding::RndMinInf),
    ("RND_CONV", Rounding::RndConv),
];
const OVERFLOWS: [(&str, Overflow); 4] = [
    ("WRAP", Overflow::Wrap(0)),
    ("SAT", Overflow::Sat),
    ("SAT_ZERO", Overflow::SatZero),
    ("SAT_SYM", Overflow::SatSym),
];

/// The mode of a name; a leading `S_` says that rounding was stochastic in training.
fn mode<T: Copy>(attributes: &Attributes<'_>, key: &'static str, modes: &[(&str, T)]) -> Option<T> {
    let word = attributes.word(key);
    let plain = word.strip_prefix("S_").unwrap_or(word);
    let found = modes.iter().find(|(name, _)| *name == plain).map(|(_, mode)| *mode);
    if found.is_none() {
        let names: Vec<_> = modes.iter().map(|(name, _)| *name).collect();
        attributes.wrong(key, format!("expected one of {}, found {word}", names.join(", ")));
    }
    found
}

/// A quantizer. What it says of the layers before it (`overrides`) follows from its formats.
pub(super) fn fixed_point_quantizer(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let rounding = mode(attributes, "RND", &ROUNDINGS);
    let overflow = mode(attributes, "SAT", &OVERFLOWS);
    let uniform = attributes.flag("fusible", false);
    attributes.ignore(&["shape", "overrides"]);
    let masks = call.stored.variables("", ["keep_negative", "bits", "integers"]);
    let x = call.only_input()?;
    let op = Quantize { rounding: rounding?, overflow: overflow? };
    let mut node = call.node("FixedPointQuantizer", op, &[&x]);
    let names =
        ["keep_negative", "bits", "integers"].into_iter().zip([Slot::Signed, Slot::Width, Slot::IntBits]);
    for ((name, slot), mask) in names.zip(masks) {
        let mask = call.needed(name, mask)?;
        node.values.set(slot, without_samples(mask, &x.shape, uniform));
    }
    call.push(node)
}

/// A mask without the axis of samples; only its first value, if all are the same.
fn without_samples(mask: Tensor, x: &Shape, uniform: bool) -> Tensor {
    let ones = vec![1; x.rank()];
    let extents: &[usize] = match (uniform, mask.shape().len() == x.rank() + 1) {
        (true, _) => &ones,
        (false, true) => &mask.shape()[1..],
        (false, false) => return mask,
    };
    let count = extents.iter().product();
    let values = mask.values().iter().take(count).copied().collect();
    match Shape::new(extents).ok().map(|shape| Tensor::new(shape, values)) {
        Some(Ok(tensor)) => tensor,
        _ => mask,
    }
}

/// A function as a table, an entry for every value of the input.
pub(super) fn unary_lut(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let bits = attributes.integers("kif_out");
    attributes.ignore(&["kif_in"]);
    let [table] = call.stored.variables("", ["table"]);
    let x = call.only_input()?;
    let table = call.needed("table", table)?;
    let mut node = call.node("UnaryLUT", UnaryLut { table_size: table.values().len() }, &[&x]);
    match bits[..] {
        [k @ 0..=1, i @ -64..=64, f @ -64..=64] if k + i + f > 0 => {
            let format = Format { signed: k == 1, ..Format::fixed((k + i + f) as u32, (k + i) as i32) };
            node.types.set(Slot::Table, Type::Fixed(format));
        }
        _ => call.attributes.wrong("kif_out", format!("expected the bits of a format, found {bits:?}")),
    }
    node.values.set(Slot::Table, table);
    call.push(node)
}
