use expect_test::expect;
use hls4rs_fixed::{Overflow, Rounding};
use hls4rs_ir::Slot;
use hls4rs_ir::draft::{Alpha, DraftNode, Quantizer};
use hls4rs_ir::ops::{Quantize, Threshold};

use super::{check, dense, input, tensor};

fn quantizer(name: &str, source: &str, width: &[f64], int_bits: &[f64]) -> DraftNode {
    let op = Quantize { rounding: Rounding::Rnd, overflow: Overflow::Sat };
    let mut node = DraftNode::new(name, "FixedPointQuantizer", op, &[source]);
    for (slot, values) in [(Slot::Width, width), (Slot::IntBits, int_bits)] {
        node.values.set(slot, tensor(&[values.len()], values));
    }
    node.values.set(Slot::Signed, tensor(&[1], &[1.0]));
    node
}

#[test]
fn factors_of_weights_become_a_layer() {
    let mut fc = dense("fc", "x");
    let (bits, integer) = (4, 0);
    let weight = Quantizer::QuantizedBits {
        bits,
        integer,
        keep_negative: true,
        symmetric: true,
        alpha: Alpha::AutoPo2,
    };
    fc.quantizers.set(Slot::Weight, weight);
    check(
        "qkeras_factorize_alpha",
        vec![input(&[2]), fc],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight by QuantizedBits { bits: 4, integer: 0, keep_negative: true, symmetric: true, alpha: Value(1.0) }; weight = [2, 2] [0.25, 0.5, 0.75, 0.875]; bias = [2] [0.0, 0.0]
        fc_alpha: ApplyAlpha batch_norm() <- fc; scale: exponent<3>; scale by PowerOfTwo { bits: 3, max_value: None }; bias = [2] [0.5, -0.5]; scale = [2] [4.0, 4.0]
        -> fc_alpha
    "#]],
    );
}

#[test]
fn sums_of_signs_need_few_bits() {
    let mut x = input(&[2]);
    x.name = "data".to_owned();
    let mut bits =
        DraftNode::new("x", "BatchNormalizationQuantizedTanh", Threshold { ternary: false }, &["data"]);
    bits.values.set(Slot::Threshold, tensor(&[2], &[0.0, 0.5]));
    let mut fc = dense("fc", "x");
    fc.values.set(Slot::Bias, tensor(&[2], &[0.0, 0.0]));
    fc.quantizers.set(Slot::Weight, Quantizer::Sign);
    check(
        "quantize_dense_output",
        vec![x, bits, fc],
        &expect![[r#"
        data: Input input(); result: fixed<16,6>
        x: BatchNormalizationQuantizedTanh binary_threshold() <- data; threshold = [2] [0.0, 0.5]
        fc: Dense dense(units: 2) <- x; result: int<3>; weight: xnor; accum: int<3>; weight by Sign; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.0, 0.0]
        -> fc
    "#]],
    );
}

#[test]
fn types_come_from_what_elements_can_be() {
    let nodes = vec![input(&[2]), quantizer("q", "x", &[4.0, 6.0], &[2.0, 3.0]), dense("fc", "q")];
    check(
        "bit_exact",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<131,127>
        q: FixedPointQuantizer quantize(rounding: Rnd, overflow: Sat) <- x; result: fixed<6,3>; width = [2] [4.0, 6.0]; int_bits = [2] [2.0, 3.0]; signed = [2] [1.0, 1.0]
        fc: Dense dense(units: 2) <- q; result: fixed<9,6>; weight: ufixed<3,3>; bias: fixed<2,1>; accum: fixed<9,6>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        -> fc
    "#]],
    );
}

#[test]
fn a_quantizer_of_one_format_becomes_a_type() {
    let nodes = vec![input(&[2]), dense("fc", "x"), quantizer("q", "fc", &[4.0], &[2.0])];
    let mut nodes = nodes;
    nodes[2].types.set(Slot::Result, hls4rs_fixed::Format::fixed(4, 2).into());
    check(
        "fuse_fixed_point_quantizer",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; result: fixed<4,2,RND,SAT>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        -> fc
    "#]],
    );
}

#[test]
fn an_input_of_unknown_type_is_what_its_quantizers_are() {
    let mut x = input(&[2]);
    x.types.set(Slot::Result, hls4rs_fixed::Format::fixed(132, 127).into());
    check(
        "fix_input_precision",
        vec![x, quantizer("q", "x", &[4.0, 6.0], &[2.0, 3.0])],
        &expect![[r#"
        x: Input input(); result: fixed<8,3,TRN,SAT>
        q: FixedPointQuantizer quantize(rounding: Rnd, overflow: Sat) <- x; width = [2] [4.0, 6.0]; int_bits = [2] [2.0, 3.0]; signed = [2] [1.0, 1.0]
        -> q
    "#]],
    );
}
