//! Softmax: formats left to `auto`, sizes of tables, accuracy.

use hls4rs_fixed::{Wide, from_f64, to_f64};
use hls4rs_ir::ops::{Implementation, Softmax};
use hls4rs_ir::{Facts, Op, Resolved, Slot};

use crate::eval::evaluate;
use crate::nets::*;

fn softmax(implementation: Implementation) -> Op {
    Softmax { implementation, ..Softmax::default() }.into()
}

#[track_caller]
fn formats(facts: &Facts, expected: &[(Slot, &str)]) {
    for (slot, text) in expected {
        assert_eq!(facts.format(*slot).to_string(), *text, "{slot}");
    }
}

#[test]
fn stable_formats_left_to_auto() {
    let net = resolved(softmax(Implementation::Stable), &[(&[5], "fixed<16,6>")], &[], &[]);
    formats(
        last(&net),
        &[
            // Distances go up to 64; beyond 16 the exponential is nothing.
            (Slot::InputNorm, "ufixed<10,4,RND,SAT>"),
            (Slot::ExpTable, "ufixed<18,1,RND,SAT>"),
            // Five times 1.
            (Slot::Accum, "ufixed<20,3>"),
            (Slot::InvInput, "ufixed<10,3,RND,SAT>"),
            (Slot::InvTable, "ufixed<18,1,RND,SAT>"),
            (Slot::Result, "ufixed<35,1>"),
        ],
    );
    assert_eq!(last(&net).constant(Slot::ExpTable).raw.len(), 1024);
    let one = Wide::ONE << 34;
    assert!(last(&net).range.elements.iter().all(|e| e.lo == Wide::ZERO && e.hi == one));
}

#[test]
fn a_coarse_input_gets_a_small_exact_table() {
    // Distances are multiples of 1/4 up to 7.75.
    let net = resolved(softmax(Implementation::Stable), &[(&[2], "fixed<5,3>")], &[], &[]);
    formats(last(&net), &[(Slot::InputNorm, "ufixed<5,3,RND,SAT>")]);
    assert_eq!(last(&net).constant(Slot::ExpTable).raw.len(), 32);
}

#[test]
fn formats_that_are_given_decide_the_sizes() {
    let given = [
        (Slot::InputNorm, "ufixed<6,3>"),
        (Slot::InvInput, "fixed<18,8,RND,SAT>"),
        (Slot::Result, "fixed<16,6>"),
    ];
    let net = build(softmax(Implementation::Stable), &[(&[2], "ufixed<6,3>")], &given, &[]);
    let (net, _) = net.finish_with_warnings().expect("a meaning");
    assert_eq!(last(&net).constant(Slot::ExpTable).raw.len(), 64);
    assert_eq!(last(&net).constant(Slot::InvTable).raw.len(), 1024);
}

#[test]
fn distances_that_wrap_are_a_fault() {
    let given = [(Slot::InputNorm, "ufixed<15,5>")];
    let faults = build(softmax(Implementation::Stable), &[(&[2], "fixed<16,6>")], &given, &[]).finish();
    let text = faults.expect_err("the distance reaches 64").to_string();
    assert_eq!(
        text,
        "layer `y`: overflow of `input_norm`: element 0 needs ufixed<16,6>, found ufixed<15,5>\n  \
         help: widen `input_norm` to `ufixed<16,6>`, or saturate: `ufixed<15,5,TRN,SAT>`"
    );
}

#[test]
fn the_axis_is_one_of_the_shape() {
    let op = Softmax { axis: 2, ..Softmax::default() };
    let faults = build(op, &[(&[2, 3], "fixed<8,4>")], &[], &[]).finish().expect_err("there is no such axis");
    assert_eq!(
        faults.to_string(),
        "layer `y`: attribute `axis`: expected an axis of [2, 3], -2 to 1, found 2"
    );
}

#[test]
fn tables_are_not_larger_than_their_addresses() {
    let op = Softmax { exp_table_size: Some(256), ..Softmax::default() };
    let given = [(Slot::InputNorm, "ufixed<6,3,RND,SAT>")];
    let faults = build(op, &[(&[2], "fixed<8,4>")], &given, &[]).finish().expect_err("six bits address 64");
    let expected = "layer `y`: attribute `exp_table_size`: expected 2^6 entries at most, for addresses of \
                    ufixed<6,3,RND,SAT>, found 256";
    assert_eq!(faults.to_string(), expected);
}

#[test]
fn rows_are_independent() {
    let net = resolved(softmax(Implementation::Argmax), &[(&[2, 3], "fixed<8,4>")], &[], &[]);
    let input = [1, 5, 5, -3, -9, -4].map(Wide::from_i64).to_vec();
    assert_eq!(evaluate(&net, &[input])[1], [0, 1, 0, 1, 0, 0].map(Wide::from_i64));
}

#[test]
fn the_only_element_is_certain() {
    for implementation in [Implementation::Stable, Implementation::Argmax] {
        let net = resolved(softmax(implementation), &[(&[1], "fixed<8,4>")], &[], &[]);
        let range = last(&net).range.elements[0];
        assert_eq!((range.lo, range.hi), (range.hi, Wide::ONE << (last(&net).result().frac_bits() as u32)));
    }
}

/// The largest error over inputs that differ by up to `spread`.
fn worst_error(net: &Resolved, n: usize, spread: f64) -> f64 {
    let format = net.iter().next().expect("an input").2.result();
    let mut dice = Dice::new(1);
    let mut worst = 0.0f64;
    for _ in 0..500 {
        let x: Vec<f64> = (0..n).map(|_| (dice.below(1000) as f64 / 1000.0 - 0.5) * spread).collect();
        let raw: Vec<Wide> = x.iter().map(|&x| from_f64(x, format)).collect();
        let exp: Vec<f64> = raw.iter().map(|&raw| to_f64(raw, format.frac_bits()).exp()).collect();
        let sum: f64 = exp.iter().sum();
        let frac_bits = last(net).result().frac_bits();
        for (y, e) in evaluate(net, &[raw])[1].iter().zip(exp) {
            worst = worst.max((to_f64(*y, frac_bits) - e / sum).abs());
        }
    }
    worst
}

#[test]
fn stable_left_to_auto_is_accurate_for_wide_inputs() {
    // The reference's default for this type gives every class the same probability. Here the error is half a step
    // of the tables: 1/128 of the exponential, n/2048 of the sum; both relative, and results are at most 1.
    for (n, text, bound) in [(5, "fixed<36,16>", 0.008), (10, "fixed<16,6>", 0.011), (2, "fixed<8,4>", 0.002)]
    {
        let net = resolved(softmax(Implementation::Stable), &[(&[n], text)], &[], &[]);
        let error = worst_error(&net, n, 15.0);
        assert!(error < bound, "{n} of {text}: {error}");
    }
}

#[test]
fn latency_left_to_auto_is_accurate_for_narrow_inputs() {
    // exp(2) is below 8, the sum of four below 32: 1/32 for each entry of the reciprocal table, and a sum of 0.5 at
    // least.
    let net = resolved(softmax(Implementation::Latency), &[(&[4], "fixed<10,2>")], &[], &[]);
    let expected = [
        (Slot::ExpTable, "ufixed<15,3,RND,SAT>"),
        (Slot::Accum, "ufixed<17,5>"),
        (Slot::InvInput, "ufixed<10,5,RND,SAT>"),
        (Slot::InvTable, "ufixed<18,1,RND,SAT>"),
    ];
    formats(last(&net), &expected);
    let error = worst_error(&net, 4, 3.9);
    assert!(error < 0.02, "{error}");
}

#[test]
fn legacy_has_one_format() {
    let (net, _) = build(softmax(Implementation::Legacy), &[(&[3], "fixed<8,3>")], &[], &[])
        .finish_with_warnings()
        .expect("a meaning");
    let facts = last(&net);
    formats(facts, &[(Slot::Table, "fixed<18,8>"), (Slot::Result, "ufixed<15,5>")]);
    assert_eq!(facts.constant(Slot::ExpTable).format, facts.constant(Slot::InvTable).format);
}

#[test]
fn a_tree_splits_at_the_greatest_power_of_two_below() {
    assert_eq!([2, 3, 4, 5, 8, 9].map(Softmax::tree_split), [1, 2, 2, 4, 4, 8]);
}
