//! Spiking layers on windows that were worked out by hand.

use hls4rs::fixed::{Format, Wide};
use hls4rs::ir::ops::{IntegrateAndFire, MembraneReadout, MembraneRule, Reset, SpikeReadout, SpikeRule};
use hls4rs::ir::{Builder, Facts, Io, NodeSpec, Precision, Slot, Tensor};

use crate::nets::{Layer, format, shape};

/// One neuron with a threshold of 1, in units of 1/16.
fn neuron(op: IntegrateAndFire, steps: usize, membrane: &str) -> Layer {
    let layer = Layer::new(op, &[steps, 1], format("fixed<8,4>"), Format::uint(1));
    layer
        .stores(Slot::Threshold, &[1], format("ufixed<2,2>"), vec![1])
        .format(Slot::Membrane, format(membrane))
}

#[track_caller]
fn spikes(layer: &Layer, x: &[i64], expected: &[i64]) {
    for io in [Io::Parallel, Io::Stream] {
        let layer = Layer { io, ..layer.clone() };
        assert_eq!(layer.run(&[x.to_vec()]), expected, "{io:?}");
    }
}

#[test]
fn a_neuron_that_fires_keeps_what_is_above_its_threshold_or_nothing() {
    // 1.5, 0.75, 0.5 and 0.5 in units of 1/16.
    let x = [24, 12, 8, 8];
    let subtract = IntegrateAndFire::new(false);
    // 1.5 fires, 0.5 is left; 1.25 fires, 0.25; 0.75; 1.25 fires.
    spikes(&neuron(subtract, 4, "fixed<12,6>"), &x, &[1, 1, 0, 1]);
    // 1.5 fires; 0.75; 1.25 fires; 0.5.
    let zero = IntegrateAndFire { reset_mechanism: Reset::Zero, ..subtract };
    spikes(&neuron(zero, 4, "fixed<12,6>"), &x, &[1, 0, 1, 0]);
}

#[test]
fn every_step_of_a_membrane_is_cast_to_its_format() {
    let leaky = |beta: i64, membrane| {
        neuron(IntegrateAndFire::new(true), 3, membrane).stores(
            Slot::Beta,
            &[1],
            format("ufixed<2,0>"),
            vec![beta],
        )
    };
    // 0.5 · 0.875 = 0.4375 is 0.375 or, rounded, 0.5 in eighths; with 0.5 more only the latter reaches 1.
    spikes(&leaky(2, "fixed<7,4>"), &[14, 8, 0], &[0, 0, 0]);
    spikes(&leaky(2, "fixed<7,4,RND>"), &[14, 8, 0], &[0, 1, 0]);
    // The input itself: 0.9375 is 0.875 or 1.
    spikes(&leaky(2, "fixed<7,4>"), &[15, 0, 0], &[0, 0, 0]);
    spikes(&leaky(2, "fixed<7,4,RND>"), &[15, 0, 0], &[1, 0, 0]);
    // 3.5 and 3.5 are 7, more than 3.875: they wrap to -1, or stay at 3.875.
    let grow =
        |membrane| neuron(IntegrateAndFire { leaky: false, reset_mechanism: Reset::Zero }, 2, membrane);
    let high = |layer: Layer| Layer { stored: vec![(Slot::Threshold, vec![1], vec![3])], ..layer };
    spikes(&high(grow("fixed<6,3>")), &[40, 40], &[0, 0]);
    spikes(&high(grow("fixed<6,3,TRN,SAT>")), &[40, 40], &[0, 1]);
}

#[test]
fn neurons_have_values_of_their_own_or_share_one() {
    let layer = |extents: &[usize], thresholds| {
        Layer::new(IntegrateAndFire::new(true), &[2, 2], format("fixed<8,4>"), format("fixed<3,3>"))
            .stores(Slot::Beta, &[2], format("ufixed<2,1>"), vec![2, 1])
            .stores(Slot::Threshold, extents, format("ufixed<4,2>"), thresholds)
            .format(Slot::Membrane, format("fixed<12,4>"))
    };
    // Decays 1 and 0.5, inputs 0.75 and then 0.5: 1.25 and 0.875 at the end.
    spikes(&layer(&[2], vec![5, 3]), &[12, 12, 8, 8], &[0, 1, 1, 0]);
    spikes(&layer(&[1], vec![4]), &[12, 12, 8, 8], &[0, 0, 1, 0]);
}

#[test]
fn a_count_is_compared_at_the_end_of_the_window() {
    let readout = |decision_rule, class_threshold| SpikeReadout { decision_rule, class_threshold };
    // Three steps: the neurons fire 1, 3, 2 and 3 times; 2 and 3 are the first to do so twice in time.
    let x = [0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, -1];
    let answer = |op: SpikeReadout, expected: i64| {
        spikes(&Layer::new(op, &[3, 4], format("fixed<2,2>"), format("uint<4>")), &x, &[expected]);
    };
    answer(readout(SpikeRule::ArgmaxSpikeCount, None), 1);
    for rule in [SpikeRule::FirstToThreshold, SpikeRule::ThresholdThenArgmax] {
        answer(readout(rule, None), 0);
        answer(readout(rule, Some(2)), 1);
        // Nobody fires so often.
        answer(readout(rule, Some(4)), 1);
    }
    let difference = readout(SpikeRule::BinaryLogit, None);
    let layer = Layer::new(difference, &[3, 2], format("uint<1>"), format("fixed<4,4>"));
    spikes(&layer, &[1, 0, 1, 1, 1, 0], &[-2]);
}

#[test]
fn membranes_are_compared_after_the_last_step() {
    let layer = |decision_rule, result| {
        Layer::new(MembraneReadout { decision_rule }, &[2, 2], format("fixed<8,4>"), format(result))
            .stores(Slot::Beta, &[1], format("ufixed<1,0>"), vec![1])
            .format(Slot::Membrane, format("fixed<12,6>"))
    };
    // 0.5 · 2 + 0.25 = 1.25 and 0.5 · 1 + 0.75 = 1.25.
    let x = [32, 16, 4, 12];
    spikes(&layer(MembraneRule::ArgmaxMembrane, "uint<1>"), &x, &[0]);
    spikes(&layer(MembraneRule::BinaryLogit, "fixed<8,4>"), &x, &[0]);
    // 0.5 · 1 + 1 = 1.5 is a quarter more.
    let x = [32, 16, 4, 16];
    spikes(&layer(MembraneRule::ArgmaxMembrane, "uint<1>"), &x, &[1]);
    spikes(&layer(MembraneRule::BinaryLogit, "fixed<8,4>"), &x, &[4]);
}

/// The facts of a layer whose formats are left to `auto`.
fn settled(mut spec: NodeSpec, steps: usize, x: &str) -> Facts {
    let mut net = Builder::new("net");
    let input = net.input("x", shape(&[steps, 1]), Precision::MayWrap(format(x)));
    spec.inputs = vec![input];
    let y = net.add(spec);
    net.output(y);
    let resolved = net.resolve().unwrap_or_else(|faults| panic!("{faults}"));
    resolved.facts(y).clone()
}

#[test]
fn a_membrane_that_is_left_to_auto_has_room_for_all_that_can_happen() {
    let spec = |op: IntegrateAndFire, values: &[(Slot, f64)]| {
        let mut spec = NodeSpec::new("y", op, &[]);
        for &(slot, value) in values {
            spec.values.set(slot, Tensor::new(shape(&[1]), vec![value]).expect("one value"));
        }
        spec
    };
    // 0 to 1, then 0 to 2; with 2 it fires, and 0 is left.
    let facts = settled(spec(IntegrateAndFire::new(false), &[(Slot::Threshold, 2.0)]), 3, "uint<1>");
    assert_eq!(facts.format(Slot::Membrane), Format::ufixed(2, 2));
    let ends = facts.range.elements.iter().map(|e| (e.lo, e.hi)).collect::<Vec<_>>();
    assert_eq!(ends, [(Wide::ZERO, Wide::ZERO), (Wide::ZERO, Wide::ONE), (Wide::ZERO, Wide::ONE)]);
    // Halves of halves: 1, 1.5 and 1.75 at most, exact with two fraction bits.
    let leaky = |beta, steps| {
        settled(
            spec(IntegrateAndFire::new(true), &[(Slot::Beta, beta), (Slot::Threshold, 8.0)]),
            steps,
            "uint<1>",
        )
    };
    assert_eq!(leaky(0.5, 3).format(Slot::Membrane), Format::ufixed(3, 1));
    // Nearly 2 after 40 steps, which would take 39 fraction bits, and 2 with the rounding of 16. Below 8, where it fires: 0.9375 · 8 + 1 at most.
    assert_eq!(leaky(0.5, 40).format(Slot::Membrane), format("ufixed<18,2,RND>"));
    assert_eq!(leaky(0.9375, 400).format(Slot::Membrane).int_bits, 4);
}
