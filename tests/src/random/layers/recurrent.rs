//! Recurrent layers.

use hls4rs_fixed::Format;
use hls4rs_ir::ops::Curve;
use hls4rs_ir::{Multiplications, NodeSpec, Shape, Slot};

use super::super::Growing;
use super::sums::strategy;
use super::{Proposal, TABLE, ask, node, store, table_size};
use crate::ops::{make, size, word};

/// A recurrent layer with any of its attributes.
pub(super) fn recurrent(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    if shape.rank() != 2 || shape[0] > 8 {
        let rows = shape.elements();
        let steps: Vec<_> = (1..=rows.min(6)).filter(|n| rows.is_multiple_of(*n)).collect();
        let steps = growing.rng.pick(&steps);
        let extents = vec![steps as f64, (rows / steps) as f64];
        let list = hls4rs_ir::attr::AttrValue::List(extents);
        return node(growing, make("reshape", &[("shape", list)]).ok()?, vec![at], x);
    }
    let units = growing.rng.between(1, 6) as usize;
    let gates = match keyword {
        "lstm" => 4,
        "gru" => 3,
        _ => 1,
    };
    let mut attrs = vec![("units", size(units)), ("table_size", table_size(growing))];
    if growing.rng.chance(40) {
        attrs.push(("activation", word(growing.rng.pick(Curve::NAMES))));
    }
    if gates > 1 && growing.rng.chance(40) {
        attrs.push(("recurrent_activation", word(growing.rng.pick(Curve::NAMES))));
    }
    let flags = ["return_sequences", "go_backwards", "restore_order"];
    for flag in flags.into_iter().chain((keyword == "gru").then_some("reset_after")) {
        attrs.push((flag, word(growing.rng.pick(&["true", "false"]))));
    }
    if keyword == "gru" {
        attrs.push(("gate_order", word(growing.rng.pick(&["keras", "pytorch"]))));
    }
    let of_state = Multiplications::matrix(units, gates * units);
    attrs.push(("recurrent_reuse_factor", size(growing.rng.pick(&of_state.legal()))));
    let op = make(keyword, &attrs).ok()?;
    let slots = op.layer().slots();
    let strategy = strategy(growing, op.layer().strategies());
    let mut spec = NodeSpec::new("", op, &[]);
    spec.strategy = strategy;
    let of_x = Multiplications::matrix(shape[1], gates * units);
    spec.reuse_factor = growing.rng.pick(&of_x.legal());
    let weight = store(growing, &mut spec, Slot::Weight, Shape::new(&[shape[1], gates * units]).ok()?)?;
    store(growing, &mut spec, Slot::RecurrentWeight, Shape::new(&[units, gates * units]).ok()?)?;
    for slot in [Slot::Bias, Slot::RecurrentBias] {
        if growing.rng.chance(60) {
            store(growing, &mut spec, slot, Shape::new(&[gates * units]).ok()?)?;
        }
    }
    let product = x.product(weight.format().unwrap_or(Format::fixed(6, 2)));
    let sum = Format { int_bits: product.int_bits + 1, width: product.width + 1, signed: true, ..product };
    ask(growing, &mut spec, Slot::Accum, sum);
    ask(growing, &mut spec, Slot::Result, Format::fixed(14, 4));
    for slot in [Slot::Table, Slot::RecurrentTable].into_iter().filter(|slot| slots.contains(slot)) {
        ask(growing, &mut spec, slot, TABLE);
    }
    let mut inputs = vec![at];
    if growing.rng.chance(20) {
        inputs.extend(states(growing, units, if keyword == "lstm" { 2 } else { 1 })?);
    }
    Some((spec, inputs))
}

/// Nodes that can be the states before the first step.
fn states(growing: &mut Growing<'_>, units: usize, count: usize) -> Option<Vec<usize>> {
    let all = 0..growing.sketch.parts.len();
    let fits: Vec<_> = all.filter(|&at| *growing.facts(at).1 == [units]).collect();
    if fits.is_empty() {
        return Some(Vec::new());
    }
    Some((0..count).map(|_| growing.rng.pick(&fits)).collect())
}
