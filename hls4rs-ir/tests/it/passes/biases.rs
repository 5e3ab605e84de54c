use expect_test::{Expect, expect};
use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::draft::{DraftNode, Quantizer};

use super::{affine, check, dense, input, linear};

fn bias_add(name: &str, source: &str) -> DraftNode {
    let mut node = affine(name, source, [1.0, 1.0], [0.25, 2.0]);
    node.class = "BiasAdd".to_owned();
    node
}

fn fused(nodes: Vec<DraftNode>, expected: &Expect) {
    check("fuse_bias_add", nodes, expected);
}

#[test]
fn a_bias_becomes_part_of_the_layer_before_it() {
    let mut fc = dense("fc", "x");
    fc.values.remove(Slot::Bias);
    fc.types.set(Slot::Bias, Format::uint(1).into());
    let mut bias = bias_add("bias", "fc");
    bias.quantizers.set(Slot::Bias, Quantizer::Fixed(Format::fixed(8, 4)));
    fused(
        vec![input(&[2]), fc, bias, linear("y", "bias")],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight: fixed<16,6>; bias: fixed<8,4>; accum: fixed<16,6>; bias by Fixed(fixed<8,4>); weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.25, 2.0]
        y: Activation linear() <- fc
        -> y
    "#]],
    );
}

#[test]
fn two_biases_are_added() {
    fused(
        vec![input(&[2]), dense("fc", "x"), bias_add("bias", "fc")],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight: fixed<16,6>; bias: fixed<16,6>; accum: fixed<16,6>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.75, 1.5]
        -> fc
    "#]],
    );
}

#[test]
fn not_if_others_read_the_layer_or_a_bias_is_quantized() {
    let mut quantized = bias_add("bias", "fc");
    quantized.quantizers.set(Slot::Bias, Quantizer::Fixed(Format::fixed(8, 4)));
    fused(
        vec![input(&[2]), dense("fc", "x"), quantized],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        bias: BiasAdd batch_norm() <- fc; bias by Fixed(fixed<8,4>); bias = [2] [0.25, 2.0]; scale = [2] [1.0, 1.0]
        -> bias
    "#]],
    );
    fused(
        vec![input(&[2]), dense("fc", "x"), bias_add("bias", "fc"), linear("y", "fc")],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        bias: BiasAdd batch_norm() <- fc; bias = [2] [0.25, 2.0]; scale = [2] [1.0, 1.0]
        y: Activation linear() <- fc
        -> y
    "#]],
    );
}
