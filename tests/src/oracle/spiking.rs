//! Spiking layers, step by step over all neurons, with the decisions as the reference words them.

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::ops::{IntegrateAndFire, MembraneReadout, MembraneRule, Reset, SpikeReadout, SpikeRule};
use hls4rs_ir::{Facts, Shape, Slot};

use super::{Value, at};

fn zero(format: Format) -> Value {
    Value { raw: Wide::ZERO, format }
}

fn number(n: usize) -> Value {
    Value { raw: Wide::from_i64(n as i64), format: Format::uint(40) }
}

/// The membranes after a step, before they fire.
fn charge(facts: &Facts, membranes: &[Value], x: &[Value]) -> Vec<Value> {
    let format = facts.format(Slot::Membrane);
    let beta = facts.constants.get(Slot::Beta);
    let one = |(n, (&v, x)): (usize, (&Value, &Value))| {
        let kept = beta.map_or(v, |beta| at(beta, n).times(v).cast(format));
        kept.plus(x.cast(format)).cast(format)
    };
    membranes.iter().zip(x).enumerate().map(one).collect()
}

pub(super) fn neurons(op: &IntegrateAndFire, facts: &Facts, x: &[Value], shape: &Shape) -> Vec<Value> {
    let format = facts.format(Slot::Membrane);
    let mut membranes = vec![zero(format); shape[1]];
    let mut spikes = Vec::new();
    for x in x.chunks(shape[1]) {
        membranes = charge(facts, &membranes, x);
        for (n, v) in membranes.iter_mut().enumerate() {
            let threshold = at(facts.constant(Slot::Threshold), n);
            let fires = !threshold.exceeds(*v);
            spikes.push(number(usize::from(fires)).cast(facts.result()));
            if fires {
                *v = match op.reset_mechanism {
                    Reset::Subtract => v.minus(threshold).cast(format),
                    Reset::Zero => zero(format),
                };
            }
        }
    }
    spikes
}

pub(super) fn spike_readout(op: &SpikeReadout, facts: &Facts, x: &[Value], shape: &Shape) -> Vec<Value> {
    let mut counts = vec![0usize; shape[1]];
    for x in x.chunks(shape[1]) {
        for (count, x) in counts.iter_mut().zip(x) {
            *count += usize::from(!x.raw.is_zero());
        }
    }
    let enough = op.class_threshold.unwrap_or(1);
    let most = *counts.iter().max().expect("a neuron");
    let busiest = counts.iter().position(|&count| count == most).expect("one has the most");
    let answer = match op.decision_rule {
        SpikeRule::ArgmaxSpikeCount => number(busiest),
        SpikeRule::FirstToThreshold | SpikeRule::ThresholdThenArgmax => {
            number(counts.iter().position(|&count| count >= enough).unwrap_or(busiest))
        }
        SpikeRule::BinaryLogit => number(counts[1]).minus(number(counts[0])),
    };
    vec![answer.cast(facts.result())]
}

pub(super) fn membrane_readout(
    op: &MembraneReadout,
    facts: &Facts,
    x: &[Value],
    shape: &Shape,
) -> Vec<Value> {
    let start = vec![zero(facts.format(Slot::Membrane)); shape[1]];
    let last = x.chunks(shape[1]).fold(start, |membranes, x| charge(facts, &membranes, x));
    let answer = match op.decision_rule {
        MembraneRule::ArgmaxMembrane => {
            let better = |best: usize, n: usize| if last[n].exceeds(last[best]) { n } else { best };
            number((0..last.len()).fold(0, better))
        }
        MembraneRule::BinaryLogit => last[1].minus(last[0]),
    };
    vec![answer.cast(facts.result())]
}
