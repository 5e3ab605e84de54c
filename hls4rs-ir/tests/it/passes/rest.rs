use expect_test::expect;
use hls4rs_fixed::{Format, Overflow};
use hls4rs_ir::draft::{DraftNode, Type};
use hls4rs_ir::ops::{Pool, PoolOp, QuantizedTanh, Reshape, Softmax};
use hls4rs_ir::{Io, Slot};

use super::{affine, after, check, dense, draft, input, linear};

#[test]
fn linear_activations_of_one_type_go() {
    let mut same = linear("same", "x");
    same.types.set(Slot::Result, Format::fixed(16, 6).into());
    let mut other = linear("other", "same");
    other.types.set(Slot::Result, Format::fixed(8, 3).into());
    check(
        "eliminate_linear_activation",
        vec![input(&[2]), same, other],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        other: Activation linear() <- x; result: fixed<8,3>
        -> other
    "#]],
    );
}

#[test]
fn linear_activations_give_way_to_a_layer_whose_result_is_derived() {
    let mut y = linear("fc_linear", "fc");
    y.types.set(Slot::Result, Format::fixed(8, 3).into());
    check(
        "merge_linear_activation",
        vec![input(&[2]), dense("fc", "x"), y],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        -> fc
    "#]],
    );
}

#[test]
fn a_dense_layer_on_rows_is_configured_as_a_convolution() {
    check(
        "replace_multidimensional_dense",
        vec![input(&[3, 2]), dense("fc", "x")],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Conv1D dense(units: 2) <- x; weight: fixed<16,6>; bias: fixed<16,6>; accum: fixed<16,6>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        -> fc
    "#]],
    );
}

#[test]
fn the_threshold_of_a_ternary_activation_becomes_a_factor() {
    let mut y = DraftNode::new("y", "TernaryTanh", QuantizedTanh { ternary: true }, &["x"]);
    y.details.ternary_threshold = Some(0.25);
    check(
        "extract_ternary_threshold",
        vec![input(&[2]), y],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        y_scale: ApplyAlpha batch_norm() <- x; bias: fixed<16,6>; scale: fixed<16,6>; bias = [2] [0.0, 0.0]; scale = [2] [2.0, 2.0]
        y: TernaryTanh ternary_tanh() <- y_scale
        -> y
    "#]],
    );
}

#[test]
fn a_batch_normalization_and_a_binary_activation_become_a_comparison() {
    let y = DraftNode::new("y", "Activation", QuantizedTanh { ternary: false }, &["bn"]);
    let nodes = vec![input(&[2]), affine("bn", "x", [2.0, 4.0], [1.0, -3.0]), y];
    check(
        "merge_batch_norm_quantized_tanh",
        nodes,
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        bnbt_bn: BatchNormalizationQuantizedTanh binary_threshold() <- x; result: xnor; threshold: fixed<16,6>; threshold = [2] [-0.5, 0.75]
        -> bnbt_bn
    "#]],
    );
}

#[test]
fn a_reshape_has_the_type_of_what_it_reads() {
    let mut y = DraftNode::new("y", "Reshape", Reshape::flatten(), &["x"]);
    y.types.set(Slot::Result, Format::fixed(8, 3).into());
    check(
        "inplace_reshape",
        vec![input(&[2, 2]), y.clone()],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        y: Reshape flatten() <- x; result: fixed<16,6>
        -> y
    "#]],
    );
    let mut stream = draft(vec![input(&[2, 2]), y]);
    after("inplace_reshape", &mut stream, Io::Stream);
    expect![[r#"
        x: Input input(); result: fixed<16,6>
        y: Reshape flatten() <- x; result: fixed<8,3>
        -> y
    "#]]
    .assert_eq(&stream.to_string());
}

#[test]
fn the_greatest_of_one_bit_is_one_bit() {
    let mut x = input(&[4, 1]);
    x.types.set(Slot::Result, Type::Xnor);
    let mut pool = Pool::new(PoolOp::Max, false);
    pool.pool = vec![2];
    let mut y = DraftNode::new("y", "Pooling1D", pool, &["x"]);
    y.types.set(Slot::Result, Format::fixed(16, 6).into());
    check(
        "xnor_pooling",
        vec![x, y],
        &expect![[r#"
        x: Input input(); result: xnor
        y: Pooling1D max_pool1d(pool: [2.0], padding: valid) <- x; result: xnor
        -> y
    "#]],
    );
}

#[test]
fn a_softmax_can_be_skipped() {
    let mut y = DraftNode::new("y", "Softmax", Softmax::default(), &["fc"]);
    y.details.skip = true;
    check(
        "skip_softmax",
        vec![input(&[2]), dense("fc", "x"), y],
        &expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        -> fc
    "#]],
    );
}

#[test]
fn the_tables_of_a_softmax_fit_its_input() {
    let mut x = input(&[2]);
    x.types.set(Slot::Result, Format::fixed(8, 3).into());
    let mut y = DraftNode::new("y", "Softmax", Softmax::default(), &["x"]);
    let table = Format::fixed(18, 8).with_overflow(Overflow::Sat);
    y.types.set(Slot::InvTable, table.into());
    check(
        "fix_softmax_table_size",
        vec![x, y],
        &expect![[r#"
        x: Input input(); result: fixed<8,3>
        y: Softmax softmax(axis: -1, implementation: stable, table_size: 256, exp_table_size: 128, inv_table_size: 256, exp_scale: 1) <- x; inv_table: fixed<18,8,TRN,SAT>; input_norm: ufixed<7,2>
        -> y
    "#]],
    );
}
