use expect_test::expect;
use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::draft::Quantizer;

use super::{affine, check, dense, input, linear};

#[test]
fn a_batch_normalization_becomes_part_of_the_weights() {
    let nodes = vec![input(&[2]), dense("fc", "x"), affine("bn", "fc", [2.0, -1.0], [1.0, 0.0])];
    check(
        "fuse_batch_normalization",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight: fixed<16,6>; bias: fixed<16,6>; accum: fixed<16,6>; weight = [2, 2] [2.0, -2.0, 6.0, -4.0]; bias = [2] [2.0, 0.5]
        -> fc
    "#]],
    );
}

#[test]
fn not_if_the_result_before_it_has_a_type() {
    let mut fc = dense("fc", "x");
    fc.types.set(Slot::Result, Format::fixed(8, 4).into());
    let nodes = vec![input(&[2]), fc, affine("bn", "fc", [2.0, -1.0], [1.0, 0.0])];
    check(
        "fuse_batch_normalization",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; result: fixed<8,4>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        bn: BatchNormalization batch_norm() <- fc; bias = [2] [1.0, 0.0]; scale = [2] [2.0, -1.0]
        -> bn
    "#]],
    );
}

#[test]
fn not_if_both_factors_are_quantized() {
    let mut fc = dense("fc", "x");
    fc.quantizers.set(Slot::Weight, Quantizer::Fixed(Format::fixed(8, 4)));
    let mut bn = affine("bn", "fc", [2.0, -1.0], [1.0, 0.0]);
    bn.quantizers.set(Slot::Scale, Quantizer::Fixed(Format::fixed(8, 4)));
    check(
        "fuse_batch_normalization",
        vec![input(&[2]), fc, bn],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight by Fixed(fixed<8,4>); weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        bn: BatchNormalization batch_norm() <- fc; scale by Fixed(fixed<8,4>); bias = [2] [1.0, 0.0]; scale = [2] [2.0, -1.0]
        -> bn
    "#]],
    );
}

#[test]
fn two_batch_normalizations_become_one() {
    let nodes =
        vec![input(&[2]), affine("a", "x", [2.0, 3.0], [1.0, 1.0]), affine("b", "a", [0.5, 1.0], [0.0, 2.0])];
    check(
        "fuse_consecutive_batch_normalization",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        b: BatchNormalization batch_norm() <- x; bias: fixed<16,6>; scale: fixed<16,6>; bias = [2] [0.5, 3.0]; scale = [2] [1.0, 3.0]
        -> b
    "#]],
    );
}

#[test]
fn factor_one_and_offset_zero_do_nothing() {
    let nodes = vec![input(&[2]), affine("a", "x", [1.0, 1.0], [0.0, 0.0]), linear("y", "a")];
    check(
        "remove_nop_batch_normalization",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        y: Activation linear() <- x
        -> y
    "#]],
    );
}
