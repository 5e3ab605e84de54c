//! Quantizers, tables and activations with few values.

use hls4rs_fixed::Format;
use hls4rs_ir::{Shape, Slot, Tensor};

use super::{Proposal, data, node, store};
use crate::ops::{make, size, word};
use crate::random::Growing;

pub(super) fn quantize(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    let rounding = growing.rng.pick(&["Trn", "TrnZero", "Rnd", "RndZero", "RndInf", "RndMinInf", "RndConv"]);
    let overflow = growing.rng.pick(&["Wrap", "Wrap", "Sat", "SatZero", "SatSym"]);
    let op = make(keyword, &[("rounding", word(rounding)), ("overflow", word(overflow))]).ok()?;
    let (mut spec, inputs) = node(growing, op, vec![at], x)?;
    let signed = growing.rng.chance(70);
    let slots = [Slot::Width, Slot::IntBits, Slot::Signed];
    for slot in slots.into_iter().filter(|&slot| signed || slot != Slot::Signed) {
        // Some axes share their values.
        let shared = |&extent: &usize| if growing.rng.chance(30) { 1 } else { extent };
        let shape = Shape::new(&shape.iter().map(shared).collect::<Vec<_>>()).ok()?;
        let rng = &mut growing.rng;
        let values = (0..shape.elements()).map(|_| match slot {
            Slot::Width => rng.between(0, 12),
            Slot::IntBits => i64::from(x.int_bits.clamp(-20, 20)) + rng.between(-4, 2),
            _ => rng.between(0, 1),
        });
        let values: Vec<_> = values.map(|v| v as f64).collect();
        // Some headers refuse single bits with a sign and symmetric limits.
        let least = if slot == Slot::Width { 2.0 } else { f64::MIN };
        let values = values.into_iter().map(|v| if v == 0.0 { v } else { v.max(least) }).collect();
        spec.values.set(slot, Tensor::new(shape, values).ok()?);
    }
    Some((spec, inputs))
}

pub(super) fn unary_lut(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, _) = growing.facts(at);
    if !(1..=9).contains(&x.width) {
        // Few formats are short: one that is made to be.
        let short = Format { width: 6, int_bits: x.int_bits.min(20), ..x };
        let mut spec = node(growing, make("linear", &[]).ok()?, vec![at], short)?;
        spec.0.precision.set(Slot::Result, hls4rs_ir::Precision::MayWrap(short));
        return Some(spec);
    }
    let entries = 1 << x.width;
    let op = make(keyword, &[("table_size", size(entries))]).ok()?;
    let (mut spec, inputs) = node(growing, op, vec![at], Format::fixed(12, 4))?;
    store(growing, &mut spec, Slot::Table, Shape::new(&[entries]).ok()?)?;
    Some((spec, inputs))
}

pub(super) fn embedding(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (_, shape) = growing.facts(at);
    if shape.rank() > 2 {
        return data::reshaped(growing, 2);
    }
    let (units, vocabulary) = (growing.rng.between(1, 4) as usize, growing.rng.between(1, 12) as usize);
    let attrs = [("units", size(units)), ("vocabulary", size(vocabulary))];
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], Format::fixed(12, 4))?;
    store(growing, &mut spec, Slot::Embeddings, Shape::new(&[vocabulary, units]).ok()?)?;
    Some((spec, inputs))
}

pub(super) fn quantized_tanh(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    node(growing, make(keyword, &[]).ok()?, vec![at], Format::fixed(2, 2))
}

pub(super) fn threshold(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (_, shape) = growing.facts(at);
    let op = make(keyword, &[]).ok()?;
    let slots = op.layer().slots();
    let (mut spec, inputs) = node(growing, op, vec![at], Format::fixed(2, 2))?;
    for &slot in slots {
        let per_channel = Shape::new(&[shape.channels()]).ok()?;
        let of = if growing.rng.chance(75) { per_channel } else { shape.clone() };
        store(growing, &mut spec, slot, of)?;
    }
    Some((spec, inputs))
}
