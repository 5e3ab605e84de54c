//! Graph layers.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;

use super::{Growing, Proposal, ask, data, store};
use crate::ops::{make, number, size, word};

/// A graph layer on a matrix with a power of two of rows, and a number from another tensor.
pub(super) fn garnet(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let parts = 0..growing.sketch.parts.len();
    let rows = |growing: &Growing<'_>, at: usize| match growing.facts(at).1[..] {
        [rows, features] if rows.is_power_of_two() && rows <= 16 && features <= 6 => Some(rows),
        _ => None,
    };
    let graphs: Vec<_> = parts.clone().filter(|&at| rows(growing, at).is_some()).collect();
    let numbers: Vec<_> = parts.filter(|&at| growing.facts(at).1.elements() == 1).collect();
    if numbers.is_empty() {
        // A mean of everything is a number; so is what one unit gives.
        let at = growing.source();
        let shape = growing.facts(at).1;
        let op = match shape.rank() {
            1 => make("dense", &[("units", number(1))]).ok()?,
            _ => make("flatten", &[]).ok()?,
        };
        let parameters = op.layer().parameters(&[&shape]);
        let (mut spec, inputs) = super::node(growing, op, vec![at], Format::fixed(8, 5))?;
        for parameter in parameters {
            store(growing, &mut spec, parameter.slot, parameter.shape)?;
        }
        return Some((spec, inputs));
    }
    if graphs.is_empty() {
        return data::reshaped(growing, 2);
    }
    let (at, count) = (growing.rng.pick(&graphs), growing.rng.pick(&numbers));
    let (x, shape) = growing.facts(at);
    let vertices = shape[0];
    let (units, aggregators) = (growing.rng.between(1, 3), growing.rng.between(1, 3));
    let at_once = 1usize << growing.rng.below(vertices.ilog2() as usize + 1);
    let flag = |growing: &mut Growing<'_>| growing.rng.chance(50);
    let mut attrs = vec![("units", size(units as usize)), ("aggregators", size(aggregators as usize))];
    if flag(growing) {
        attrs.push(("collapse", word("mean")));
    }
    if flag(growing) {
        attrs.push(("mean_by_nvert", word("true")));
    }
    if flag(growing) {
        attrs.push(("parallelization_factor", size(at_once)));
    }
    let op = make(keyword, &attrs).ok()?;
    let (parameters, slots) = (op.layer().parameters(&[&shape]), op.layer().slots());
    let (mut spec, inputs) = super::node(growing, op, vec![at, count], Format::fixed(14, 5))?;
    for parameter in parameters {
        if !parameter.optional || growing.rng.chance(70) {
            store(growing, &mut spec, parameter.slot, parameter.shape)?;
        }
    }
    for &slot in slots {
        match slot {
            Slot::Distance => {
                let width = growing.rng.between(4, 10);
                ask(growing, &mut spec, slot, Format::fixed(width as u32, 3));
            }
            Slot::Table => ask(growing, &mut spec, slot, Format::ufixed(10, 0)),
            Slot::EdgeAccum => ask(growing, &mut spec, slot, Format::ufixed(13, 3)),
            Slot::Accum | Slot::ScaledBias => {
                ask(growing, &mut spec, slot, Format { width: x.width + 4, ..x })
            }
            Slot::Norm => ask(growing, &mut spec, slot, Format::ufixed(14, 4)),
            _ => {}
        }
    }
    Some((spec, inputs))
}
