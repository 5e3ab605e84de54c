//! Ranges hold what networks compute, and are no wider than need be.

use hls4rs_fixed::{Wide, to_f64};
use hls4rs_ir::ops::{Dense, Elu, Hard, LeakyRelu, Relu, ThresholdedRelu};
use hls4rs_ir::{Op, Resolved, Slot};
use proptest::prelude::*;

use crate::eval::evaluate;
use crate::nets::*;

/// Every combination of the values of the network's inputs, each of one element.
fn all_inputs(net: &Resolved) -> Vec<Vec<Vec<Wide>>> {
    let mut all = vec![Vec::new()];
    for (id, _) in net.graph().inputs() {
        let interval = net.facts(id).range.elements[0];
        let (lo, hi) = (interval.lo.to_i128(), interval.hi.to_i128());
        let values = lo.expect("a small format")..=hi.expect("a small format");
        all = all
            .into_iter()
            .flat_map(|read: Vec<Vec<Wide>>| {
                values.clone().map(move |v| {
                    let mut read = read.clone();
                    read.push(vec![Wide::from_i128(v)]);
                    read
                })
            })
            .collect();
    }
    all
}

/// Checks that the range of a layer on single elements is exactly what it computes, and what `auto` becomes.
#[track_caller]
fn tight(op: impl Into<Op>, inputs: &[&str], values: &[Values<'_>], auto: &str) {
    let inputs: Vec<(&[usize], &str)> = inputs.iter().map(|text| (&[1][..], *text)).collect();
    let net = resolved(op, &inputs, &[], values);
    let facts = last(&net);
    assert_eq!(facts.result().to_string(), auto);
    let outputs: Vec<Wide> =
        all_inputs(&net).iter().map(|read| evaluate(&net, read)[inputs.len()][0]).collect();
    let range = facts.range.elements[0];
    assert_eq!(outputs.iter().min(), Some(&range.lo), "the least value");
    assert_eq!(outputs.iter().max(), Some(&range.hi), "the greatest value");
}

#[test]
fn relu_keeps_the_fraction_and_drops_the_sign() {
    tight(Relu { max: None }, &["fixed<6,3>"], &[], "ufixed<5,2>");
    // 3 in units of 1/8 is 24: five bits.
    tight(Relu { max: Some(3.0) }, &["fixed<6,3>"], &[], "ufixed<5,2>");
    tight(Relu { max: Some(1.0) }, &["fixed<6,3>"], &[], "ufixed<4,1>");
}

#[test]
fn a_limit_finer_than_the_input_is_exact() {
    // Inputs are multiples of 4, the limit is 6.
    tight(Relu { max: Some(6.0) }, &["fixed<4,6>"], &[], "ufixed<3,3>");
}

#[test]
fn leaky_relu_has_the_unit_of_its_products() {
    // 0.25 is ufixed<1,-1>, two fraction bits: [-4, 3.875] becomes [-1, 3.875].
    tight(LeakyRelu { alpha: 0.25 }, &["fixed<6,3>"], &[], "fixed<8,3>");
    tight(LeakyRelu { alpha: -1.0 }, &["fixed<6,3>"], &[], "ufixed<6,3>");
    tight(LeakyRelu { alpha: 8.0 }, &["fixed<6,3>"], &[], "fixed<9,6>");
}

#[test]
fn prelu_has_a_slope_for_each_element() {
    tight(layer("prelu"), &["fixed<6,3>"], &[(Slot::Alpha, &[1], vec![0.5])], "fixed<7,3>");
}

#[test]
fn thresholded_relu_begins_above_the_threshold() {
    tight(ThresholdedRelu { theta: 1.0 }, &["fixed<6,3>"], &[], "ufixed<5,2>");
    // Nothing is above 100.
    tight(ThresholdedRelu { theta: 100.0 }, &["fixed<6,3>"], &[], "ufixed<1,-2>");
    tight(ThresholdedRelu { theta: -2.05 }, &["fixed<6,3>"], &[], "fixed<6,3>");
}

#[test]
fn a_threshold_between_two_values_is_rounded_down() {
    let net = resolved(ThresholdedRelu { theta: 0.3 }, &[(&[1], "fixed<6,3>")], &[], &[]);
    // 0.25 of units of 1/8; 0.25 itself does not pass, 0.375 does, as with 0.3.
    assert_eq!(last(&net).constant(Slot::Alpha).raw, [2]);
    assert_eq!(last(&net).format(Slot::Alpha).to_string(), "ufixed<2,-1>");
}

#[test]
fn tables_bound_their_activations() {
    // 18 bits; 0.9997 needs no integer bit, 0.99933 of the tangent a sign.
    tight(layer("sigmoid"), &["fixed<8,4>"], &[], "ufixed<18,0>");
    tight(layer("tanh"), &["fixed<8,4>"], &[], "fixed<18,1>");
    tight(layer("softsign"), &["fixed<8,4>"], &[], "fixed<18,1>");
    tight(layer("softplus"), &["fixed<8,4>"], &[], "ufixed<18,3>");
    // Small inputs reach a few entries only.
    tight(layer("tanh"), &["fixed<6,-2>"], &[], "fixed<15,-2>");
}

#[test]
fn selu_and_elu_join_a_table_and_a_line() {
    // 1.05 · 3.875 is above 4; 15 + 3 fraction bits.
    tight(layer("selu"), &["fixed<6,3>"], &[], "fixed<22,4>");
    tight(Elu { alpha: 0.5, table_size: 64 }, &["fixed<6,3>"], &[], "fixed<21,3>");
    tight(Elu { alpha: -1.0, table_size: 64 }, &["fixed<6,3>"], &[], "ufixed<19,2>");
}

#[test]
fn hard_functions_lie_between_their_limits() {
    // Slope ufixed<16,0>: 16 + 3 fraction bits, from 0 to 1 and from -1 to 1.
    tight(Hard::sigmoid(), &["fixed<6,3>"], &[], "ufixed<20,1>");
    tight(Hard::tanh(), &["fixed<6,3>"], &[], "fixed<21,2>");
    tight(Hard { slope: -2.0, ..Hard::sigmoid() }, &["fixed<6,3>"], &[], "ufixed<3,1>");
}

#[test]
fn batch_norm_is_exact() {
    let values = [(Slot::Scale, &[1][..], vec![-1.5]), (Slot::Bias, &[1][..], vec![0.75])];
    // -1.5 · [-4, 3.875] + 0.75 lies within [-5.0625, 6.75]; 3 + 1 fraction bits.
    tight(layer("batch_norm"), &["fixed<6,3>"], &values, "fixed<8,4>");
    tight(layer("batch_norm"), &["fixed<6,3>"], &values[..1], "fixed<8,4>");
}

#[test]
fn merges_are_exact() {
    tight(layer("add"), &["fixed<5,3>", "ufixed<4,1>"], &[], "fixed<7,4>");
    tight(layer("subtract"), &["ufixed<4,2>", "ufixed<4,2>"], &[], "fixed<5,3>");
    tight(layer("multiply"), &["fixed<5,3>", "fixed<4,1>"], &[], "fixed<9,4>");
    tight(layer("average"), &["fixed<5,3>", "fixed<5,3>"], &[], "fixed<6,3>");
    tight(layer("maximum"), &["fixed<5,3>", "ufixed<4,1>"], &[], "ufixed<5,2>");
    tight(layer("minimum"), &["fixed<5,3>", "ufixed<4,1>"], &[], "fixed<6,3>");
}

#[test]
fn a_square_is_never_negative() {
    let mut net = hls4rs_ir::Builder::new("net");
    let x = net.input("x", shape(&[1]), hls4rs_ir::Precision::Checked(format("fixed<5,3>")));
    let y = net.add(spec(layer("multiply"), &[x, x], &[], &[]));
    net.output(y);
    let net = net.finish().expect("nothing wrong").resolve().expect("nothing wrong");
    // 4² = 16 needs five integer bits.
    assert_eq!(last(&net).result().to_string(), "ufixed<9,5>");
}

#[test]
fn concatenation_interleaves_along_inner_axes() {
    let axis = |axis| hls4rs_ir::ops::Concatenate { axis };
    let inputs: [(&[usize], &str); 2] = [(&[2, 1], "ufixed<2,2>"), (&[2, 2], "ufixed<4,4>")];
    let net = resolved(axis(-1), &inputs, &[], &[]);
    let hi: Vec<Wide> = last(&net).range.elements.iter().map(|e| e.hi).collect();
    assert_eq!(hi, [3, 15, 15, 3, 15, 15].map(Wide::from_i64));
    let inputs: [(&[usize], &str); 2] = [(&[1, 2], "ufixed<2,2>"), (&[2, 2], "ufixed<4,4>")];
    let net = resolved(axis(0), &inputs, &[], &[]);
    let hi: Vec<Wide> = last(&net).range.elements.iter().map(|e| e.hi).collect();
    assert_eq!(hi, [3, 3, 15, 15, 15, 15].map(Wide::from_i64));
}

#[test]
fn dense_sums_are_bounded_by_their_weights() {
    let values = [(Slot::Weight, &[2, 1][..], vec![1.0, -0.5]), (Slot::Bias, &[1][..], vec![0.25])];
    let net = resolved(Dense { units: 1 }, &[(&[2], "fixed<5,3>")], &[], &values);
    let facts = last(&net);
    // 1 · [-4, 3.75] - 0.5 · [-4, 3.75] + 0.25 = [-5.625, 6], in units of 1/8.
    assert_eq!(facts.result().to_string(), "fixed<7,4>");
    let accumulation = facts.accumulation.expect("a sum of products");
    assert!(accumulation.exact);
    assert_eq!(to_f64(accumulation.total.lo, 3), -5.625);
    assert_eq!(to_f64(accumulation.total.hi, 3), 6.0);
}

/// Every value that a network computes lies in the range that was found for it.
#[track_caller]
fn contains(net: &Resolved, inputs: &[Vec<Wide>]) {
    for ((_, node, facts), values) in net.iter().zip(evaluate(net, inputs)) {
        assert_eq!(values.len(), node.shape.elements());
        for (value, range) in values.iter().zip(&facts.range.elements) {
            assert!(range.lo <= *value && *value <= range.hi, "{node:?}: {value} outside of {range:?}");
            assert!(facts.result().contains_raw(*value));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn ranges_hold_what_random_networks_compute(seed: u64) {
        let graph = random(seed);
        let (net, _) = graph.resolve_with_warnings().expect("built with warnings");
        let any = net.for_any_input();
        let mut dice = Dice::new(seed ^ 1);
        for _ in 0..10 {
            let read = |(id, _): (hls4rs_ir::NodeId, &hls4rs_ir::Node)| {
                let (format, facts) = (net.facts(id).result(), net.facts(id));
                facts.range.elements.iter().map(|_| dice.raw(format)).collect()
            };
            let inputs: Vec<Vec<Wide>> = net.graph().inputs().map(read).collect();
            contains(&net, &inputs);
            contains(&any, &inputs);
        }
    }

    #[test]
    fn fixing_the_formats_keeps_them_and_the_constants(seed: u64) {
        let (net, _) = random(seed).resolve_with_warnings().expect("built with warnings");
        let any = net.for_any_input();
        for ((_, node, facts), (_, _, fixed)) in net.iter().zip(any.iter()) {
            prop_assert_eq!(&facts.formats, &fixed.formats, "{:?}", node);
            prop_assert_eq!(&facts.constants, &fixed.constants, "{:?}", node);
        }
    }
}
