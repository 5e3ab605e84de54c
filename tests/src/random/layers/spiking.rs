//! Spiking layers.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::Growing;
use super::{Proposal, ask, node, store};
use crate::ops::{make, size, word};

/// A window of a few steps, or the layer that makes one.
fn window(
    growing: &mut Growing<'_>,
    neurons: Option<usize>,
) -> Result<(usize, Format, Shape), Box<Proposal>> {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    if shape.rank() == 2 && neurons.is_none_or(|n| n == shape[1]) {
        return Ok((at, x, shape));
    }
    let all = shape.elements();
    let steps: Vec<_> = (1..=all).filter(|n| all.is_multiple_of(*n)).collect();
    let steps = match neurons {
        Some(n) if all.is_multiple_of(n) => all / n,
        Some(_) => return Err(Box::default()),
        None => growing.rng.pick(&steps),
    };
    let list = AttrValue::List(vec![steps as f64, (all / steps) as f64]);
    let reshape = make("reshape", &[("shape", list)]).ok();
    Err(Box::new(reshape.and_then(|op| node(growing, op, vec![at], x))))
}

/// What a neuron keeps, mostly as networks have it.
fn beta(growing: &mut Growing<'_>, spec: &mut hls4rs_ir::NodeSpec, shape: Shape) -> Option<()> {
    if growing.rng.chance(30) {
        store(growing, spec, Slot::Beta, shape)?;
        return Some(());
    }
    let values = (0..shape.elements()).map(|_| growing.rng.between(0, 20) as f64 / 20.0).collect();
    spec.values.set(Slot::Beta, Tensor::new(shape, values).ok()?);
    ask(growing, spec, Slot::Beta, Format::ufixed(8, 1));
    let asked = spec.precision.get(Slot::Beta).and_then(|asked| asked.format());
    // Twentieths have no end in binary.
    if asked.is_none() {
        spec.precision.set(Slot::Beta, hls4rs_ir::Precision::MayWrap(Format::ufixed(9, 1)));
    }
    Some(())
}

fn per_neuron(growing: &mut Growing<'_>, neurons: usize) -> Option<Shape> {
    Shape::new(&[if growing.rng.chance(30) { 1 } else { neurons }]).ok()
}

pub(super) fn neurons(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let (at, x, shape) = match window(growing, None) {
        Ok(window) => window,
        Err(proposal) => return *proposal,
    };
    let reset = word(growing.rng.pick(&["subtract", "zero"]));
    let op = make(keyword, &[("reset_mechanism", reset)]).ok()?;
    let (mut spec, inputs) = node(growing, op, vec![at], Format::uint(1))?;
    if keyword == "leaky_integrate_and_fire" {
        let of = per_neuron(growing, shape[1])?;
        beta(growing, &mut spec, of)?;
    }
    let of = per_neuron(growing, shape[1])?;
    store(growing, &mut spec, Slot::Threshold, of)?;
    ask(growing, &mut spec, Slot::Membrane, Format { width: x.width + 2, int_bits: x.int_bits + 2, ..x });
    Some((spec, inputs))
}

pub(super) fn spike_readout(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let rules = ["argmax_spike_count", "first_to_threshold", "threshold_then_argmax", "binary_logit"];
    let rule = growing.rng.pick(&rules);
    let at = match window(growing, (rule == "binary_logit").then_some(2)) {
        Ok((at, ..)) => at,
        Err(proposal) => return *proposal,
    };
    let mut attrs = vec![("decision_rule", word(rule))];
    if rule.contains("threshold") && growing.rng.chance(75) {
        attrs.push(("class_threshold", size(growing.rng.between(1, 5) as usize)));
    }
    node(growing, make(keyword, &attrs).ok()?, vec![at], Format::fixed(4, 4))
}

pub(super) fn membrane_readout(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let rule = growing.rng.pick(&["argmax_membrane", "binary_logit"]);
    let (at, x, shape) = match window(growing, (rule == "binary_logit").then_some(2)) {
        Ok(window) => window,
        Err(proposal) => return *proposal,
    };
    let op = make(keyword, &[("decision_rule", word(rule))]).ok()?;
    let like = if rule == "binary_logit" { x } else { Format::uint(3) };
    let (mut spec, inputs) = node(growing, op, vec![at], like)?;
    if growing.rng.chance(75) {
        let of = per_neuron(growing, shape[1])?;
        beta(growing, &mut spec, of)?;
    }
    ask(growing, &mut spec, Slot::Membrane, Format { width: x.width + 2, int_bits: x.int_bits + 2, ..x });
    Some((spec, inputs))
}
