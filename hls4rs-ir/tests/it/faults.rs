//! Everything that can be wrong with a network is found, and said in these words.

use hls4rs_fixed::Format;
use hls4rs_ir::ops::{
    Dense, Elu, Input, LeakyRelu, Merge, MergeOp, Quantize, Range, Relu, Reshape, TimeDistributed,
};
use hls4rs_ir::{Builder, Faults, NodeSpec, Place, Precision, Problem, Shape, Slot, Strategy};

use crate::nets::*;

/// The one fault of a network.
#[track_caller]
fn only(net: Builder) -> (Place, Problem, String) {
    let faults: Faults = net.finish().expect_err("something is wrong");
    let mut all = faults.iter();
    let fault = all.next().expect("a fault").clone();
    assert_eq!(all.next(), None, "one fault only");
    (fault.place, fault.problem, faults.to_string())
}

/// Checks variant, place and text of the one fault.
macro_rules! fault {
    ($net:expr, $variant:pat, $place:expr, $($line:literal),+) => {{
        let (place, problem, text) = only($net);
        assert!(matches!(problem, $variant), "{problem:?}");
        assert_eq!(place, $place);
        assert_eq!(text.lines().collect::<Vec<_>>(), [$($line),+]);
    }};
}

fn input(net: &mut Builder, name: &str, extents: &[usize]) -> hls4rs_ir::NodeId {
    net.input(name, shape(extents), Precision::Checked(Format::fixed(8, 4)))
}

/// A network of one dense layer with two inputs and one unit.
fn dense(formats: &[(Slot, &str)], values: &[Values<'_>]) -> Builder {
    build(Dense { units: 1 }, &[(&[2], "fixed<8,4>")], formats, values)
}

fn weight() -> Values<'static> {
    (Slot::Weight, &[2, 1], vec![1.0, -0.5])
}

#[test]
fn layers_that_cannot_be_inside() {
    let merge = TimeDistributed::new(Merge { op: MergeOp::Add });
    let twice = TimeDistributed::new(TimeDistributed::new(Relu { max: None }));
    for (op, message) in [
        (merge, "layer `y`: attribute `layer`: expected a layer that reads one tensor, found `add`"),
        (
            twice,
            "layer `y`: attribute `layer`: expected a layer that is not time-distributed itself, found `time_distributed`",
        ),
    ] {
        let mut net = Builder::new("net");
        let x = input(&mut net, "x", &[2, 3, 4]);
        let y = net.add(NodeSpec::new("y", op, &[x]));
        net.output(y);
        let (place, _, text) = only(net);
        assert_eq!((place, text.as_str()), (Place::Attr("layer"), message));
    }
}

#[test]
fn duplicate_name() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[1]);
    let again = net.add(NodeSpec::new("x", Relu { max: None }, &[x]));
    net.output(again);
    fault!(
        net,
        Problem::DuplicateName { .. },
        Place::Node,
        "the name `x` is used twice",
        "  help: give each layer a name of its own"
    );
}

#[test]
fn bad_name() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "2x", &[1]);
    net.output(x);
    fault!(
        net,
        Problem::BadName { .. },
        Place::Node,
        "`2x` is not a name for a layer",
        "  help: use letters, digits and `_`, beginning with a letter, and no keyword of C++"
    );
}

#[test]
fn bad_name_of_the_network() {
    let mut net = Builder::new("../net");
    let x = input(&mut net, "x", &[1]);
    net.output(x);
    fault!(
        net,
        Problem::BadNetworkName { .. },
        Place::Node,
        "`../net` is not a name for a network",
        "  help: use letters, digits and `_`, beginning with a letter, and no keyword of C++"
    );
}

#[test]
fn unused() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[1]);
    input(&mut net, "z", &[1]);
    net.output(x);
    fault!(
        net,
        Problem::Unused { .. },
        Place::Node,
        "layer `z` is not used",
        "  help: make it an output, let another layer read it, or delete `z`"
    );
}

#[test]
fn no_output() {
    let mut net = Builder::new("net");
    input(&mut net, "x", &[1]);
    fault!(
        net,
        Problem::NoOutput { .. },
        Place::Node,
        "network `net` has no output",
        "  help: add `output name = layer;`"
    );
}

#[test]
fn no_input() {
    let faults = Builder::new("net").finish().expect_err("nothing there");
    assert!(faults.iter().any(|fault| matches!(fault.problem, Problem::NoInput { .. })));
    assert!(faults.to_string().starts_with("network `net` has no input\n  help: add `input name: [n];`"));
}

#[test]
fn inputs() {
    fault!(
        build(layer("add"), &[(&[1], "fixed<8,4>")], &[], &[]),
        Problem::Inputs { .. },
        Place::Node,
        "layer `y`: expected 2 inputs, found 1"
    );
}

#[test]
fn shapes_of_a_merge() {
    fault!(
        build(layer("add"), &[(&[2], "fixed<8,4>"), (&[3], "fixed<8,4>")], &[], &[]),
        Problem::Shape { .. },
        Place::Input(1),
        "layer `y`: expected [2], the shape of the other input, or 1 in place of an extent, found [3]",
        "  note: `b` yields [3] (3 values)"
    );
}

#[test]
fn shapes_of_a_concatenation() {
    fault!(
        build(layer("concatenate"), &[(&[2, 4], "fixed<8,4>"), (&[3, 4], "fixed<8,4>")], &[], &[]),
        Problem::Shape { .. },
        Place::Input(1),
        "layer `y`: expected [2, n] beside [2, 4], found [3, 4]",
        "  note: `b` yields [3, 4] (12 values)"
    );
}

#[test]
fn attributes() {
    let x: (&[usize], &str) = (&[2], "fixed<8,4>");
    fault!(
        build(Elu { table_size: 0, ..Elu::default() }, &[x], &[], &[]),
        Problem::Attribute { .. },
        Place::Attr("table_size"),
        "layer `y`: attribute `table_size`: expected 1 to 1048576 entries, found 0"
    );
    fault!(
        build(LeakyRelu { alpha: f64::NAN }, &[x], &[], &[]),
        Problem::Attribute { .. },
        Place::Attr("alpha"),
        "layer `y`: attribute `alpha`: expected a number between -1e9 and 1e9, found NaN"
    );
    fault!(
        build(Reshape { shape: vec![3], flatten: false }, &[x], &[], &[]),
        Problem::Attribute { .. },
        Place::Attr("shape"),
        "layer `y`: attribute `shape`: expected a shape of 2 values, as many as [2], found [3]"
    );
}

#[test]
fn more_weights_than_can_be_stored() {
    let (place, problem, _) = only(build(Dense { units: 1 << 28 }, &[(&[2], "fixed<8,4>")], &[], &[]));
    assert_eq!(place, Place::Attr("units"));
    assert!(matches!(problem, Problem::Attribute { .. }));
}

#[test]
fn no_such_slot() {
    fault!(
        build(Relu { max: None }, &[(&[2], "fixed<8,4>")], &[(Slot::Weight, "fixed<8,4>")], &[]),
        Problem::NoSuchSlot { .. },
        Place::Precision(Slot::Weight),
        "layer `y`: `relu` layers have no `weight`",
        "  help: formats of this layer: `result`"
    );
}

#[test]
fn a_format_for_what_has_none() {
    let quantize = Quantize::default();
    let values: &[Values<'_>] = &[(Slot::IntBits, &[2], vec![2.0, 2.0])];
    fault!(
        build(quantize, &[(&[2], "fixed<8,4>")], &[(Slot::Width, "ufixed<4,4>")], values),
        Problem::NotAFormat { .. },
        Place::Precision(Slot::Width),
        "layer `y`: `width` of `quantize` layers takes values, not a format",
        "  help: write numbers: `width: 4`, or a list of them"
    );
}

#[test]
fn no_such_values() {
    fault!(
        dense(&[], &[weight(), (Slot::Scale, &[1], vec![1.0])]),
        Problem::NoSuchValues { .. },
        Place::Values(Slot::Scale),
        "layer `y`: `dense` layers take no values for `scale`",
        "  help: values of this layer: `weight`, `bias`"
    );
}

#[test]
fn missing_values() {
    fault!(
        dense(&[], &[]),
        Problem::MissingValues { .. },
        Place::Values(Slot::Weight),
        "layer `y`: no values for `weight`, expected [2, 1]",
        "  help: add an array `y.weight` to the weights file, or write the values inline"
    );
}

#[test]
fn shape_of_values() {
    fault!(
        dense(&[], &[(Slot::Weight, &[1, 2], vec![1.0, 2.0])]),
        Problem::ValuesShape { .. },
        Place::Values(Slot::Weight),
        "layer `y`: expected `weight` of shape [2, 1], found [1, 2]",
        "  note: the values are [outputs, inputs]; hls4rs stores [inputs, outputs]",
        "  help: store `y.weight` transposed"
    );
}

#[test]
fn scale_is_for_each_channel_or_for_each_element() {
    let scale = |extents: &[usize]| {
        let values = vec![1.0; extents.iter().product()];
        build(layer("batch_norm"), &[(&[2, 3], "fixed<8,4>")], &[], &[(Slot::Scale, extents, values)])
            .finish()
    };
    assert!(scale(&[3]).is_ok());
    assert!(scale(&[2, 3]).is_ok());
    assert!(scale(&[2]).is_err());
}

#[test]
fn not_finite() {
    fault!(
        dense(&[], &[(Slot::Weight, &[2, 1], vec![1.0, f64::INFINITY])]),
        Problem::NotFinite { .. },
        Place::Values(Slot::Weight),
        "layer `y`: `weight` has a value that is not finite"
    );
}

#[test]
fn impossible_format() {
    let mut net = dense(&[], &[weight()]);
    let mut spec = NodeSpec::new("z", layer("linear"), &[]);
    spec.precision.set(Slot::Result, Precision::Checked(Format::fixed(0, 0)));
    net.add(spec);
    let faults = net.finish().expect_err("no bits");
    let formats = faults.iter().filter(|fault| matches!(fault.problem, Problem::Format { .. }));
    assert_eq!(
        formats.map(|fault| fault.place.clone()).collect::<Vec<_>>(),
        [Place::Precision(Slot::Result)]
    );
}

#[test]
fn a_unit_far_below_the_values() {
    let net = build(layer("linear"), &[(&[1], "fixed<100,100>")], &[(Slot::Result, "fixed<200,0>")], &[]);
    let faults = net.finish().expect_err("300 bits");
    assert!(faults.iter().all(|fault| matches!(fault.problem, Problem::Format { .. })), "{faults}");
}

#[test]
fn constant_too_wide() {
    fault!(
        dense(&[], &[(Slot::Weight, &[2, 1], vec![1e6, 0.1])]),
        Problem::ConstantTooWide { .. },
        Place::Precision(Slot::Weight),
        "layer `y`: `weight` needs 75 bits, more than the 63 that stored values may have",
        "  help: write a format for `weight`, such as `fixed<16,6>`"
    );
}

#[test]
fn values_do_not_fit() {
    fault!(
        dense(&[(Slot::Weight, "fixed<8,2>")], &[(Slot::Weight, &[2, 1], vec![1.0, -2.5])]),
        Problem::ValuesDoNotFit { .. },
        Place::Precision(Slot::Weight),
        "layer `y`: 1 of 2 values of `weight` do not fit fixed<8,2>; the worst is -2.5 (at 1)",
        "  help: widen `weight` to `fixed<9,3>`, or saturate: `fixed<8,2,TRN,SAT>`"
    );
}

#[test]
fn a_value_that_rounds_beyond_the_limit_does_not_fit() {
    let rounded = |text| dense(&[(Slot::Weight, text)], &[(Slot::Weight, &[2, 1], vec![1.0, 1.99])]).finish();
    // The largest value is 1.96875, half a unit is 1/64.
    assert!(rounded("fixed<7,2>").is_ok());
    assert!(rounded("fixed<7,2,RND>").is_err());
    assert!(rounded("fixed<7,2,RND,SAT>").is_ok());
}

#[test]
fn entries_of_a_table_that_are_reached_have_to_fit() {
    let sigmoid = |text| build(layer("sigmoid"), &[(&[1], text)], &[(Slot::Table, "fixed<8,0>")], &[]);
    // Below 0 the sigmoid is below one half.
    assert!(sigmoid("fixed<8,4>").finish().is_err());
    let mut net = Builder::new("net");
    let range = Some(Range { lo: -4.0, hi: -0.5, inclusive: true });
    let x = net.add(NodeSpec::new("x", Input { shape: shape(&[1]), range }, &[]));
    let y = net.add(spec(layer("sigmoid"), &[x], &[(Slot::Table, "fixed<8,0>")], &[]));
    net.output(y);
    assert!(net.finish().is_ok());
}

fn ranged(lo: f64, hi: f64, precision: Precision) -> Builder {
    let mut net = Builder::new("net");
    let range = Some(Range { lo, hi, inclusive: false });
    let mut x = NodeSpec::new("x", Input { shape: shape(&[1]), range }, &[]);
    x.precision.set(Slot::Result, precision);
    let x = net.add(x);
    net.output(x);
    net
}

#[test]
fn range() {
    fault!(
        ranged(1.0, -1.0, Precision::Auto),
        Problem::Range { .. },
        Place::Range,
        "input `x`: the range 1..-1 is empty",
        "  help: write two finite numbers, the lower one first: `-1.0..1.0`"
    );
    fault!(
        ranged(f64::NAN, 1.0, Precision::Auto),
        Problem::Range { .. },
        Place::Range,
        "input `x`: the range NaN..1 is not finite",
        "  help: write two finite numbers, the lower one first: `-1.0..1.0`"
    );
}

#[test]
fn input_overflow() {
    fault!(
        ranged(-10.0, 10.0, Precision::Checked(Format::fixed(8, 4))),
        Problem::InputOverflow { .. },
        Place::Precision(Slot::Result),
        "input `x`: the range -10..10 needs fixed<9,5>, found fixed<8,4>",
        "  help: widen the input to `fixed<9,5>`"
    );
}

#[test]
fn accum_overflow() {
    // 1 · 7.9375 - 0.5 · -8 = 11.9375
    fault!(
        dense(&[(Slot::Accum, "fixed<9,4>")], &[weight()]),
        Problem::AccumOverflow { .. },
        Place::Precision(Slot::Accum),
        "layer `y`: accumulator overflow: the sum of 2 products of fixed<8,4> * fixed<3,2> in unit 0 needs fixed<10,5>, found fixed<9,4>",
        "  note: for the output [7.9375, -8] of `a` the sum of unit 0 is 11.9375",
        "  help: widen `accum` to `fixed<10,5>`, or write `accum: auto`"
    );
}

#[test]
fn result_overflow() {
    fault!(
        dense(&[(Slot::Result, "fixed<8,4>")], &[weight()]),
        Problem::ResultOverflow { .. },
        Place::Precision(Slot::Result),
        "layer `y`: overflow of `result`: element 0 needs fixed<9,5>, found fixed<8,4>",
        "  help: widen `result` to `fixed<9,5>`, or saturate: `fixed<8,4,TRN,SAT>`"
    );
}

#[test]
fn an_overflow_that_is_allowed_is_no_fault() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[2]);
    let mut y = spec(Dense { units: 1 }, &[x], &[], &[weight()]);
    y.precision.set(Slot::Accum, Precision::MayWrap(Format::fixed(9, 4)));
    y.precision.set(Slot::Result, Precision::MayWrap(Format::fixed(4, 2)));
    let y = net.add(y);
    net.output(y);
    assert!(net.finish().is_ok());
}

/// A dense layer of six inputs and four units.
fn reused(strategy: Strategy, reuse_factor: usize) -> Builder {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[6]);
    let mut y = spec(Dense { units: 4 }, &[x], &[], &[(Slot::Weight, &[6, 4], vec![0.5; 24])]);
    (y.strategy, y.reuse_factor) = (strategy, reuse_factor);
    let y = net.add(y);
    net.output(y);
    net
}

#[test]
fn reuse_factor() {
    fault!(
        reused(Strategy::Resource, 5),
        Problem::ReuseFactor { .. },
        Place::ReuseFactor,
        "layer `y`: reuse factor 5 does not divide 6 x 4 products evenly",
        "  help: the nearest legal reuse factors are `3` and `6`"
    );
    fault!(
        reused(Strategy::Latency, 25),
        Problem::ReuseFactor { .. },
        Place::ReuseFactor,
        "layer `y`: expected a reuse factor from 1 to 24, 6 x 4 products, found 25",
        "  help: the nearest legal reuse factor is `24`"
    );
    fault!(
        reused(Strategy::Latency, 0),
        Problem::ReuseFactor { .. },
        Place::ReuseFactor,
        "layer `y`: expected a reuse factor from 1 to 24, 6 x 4 products, found 0",
        "  help: the nearest legal reuse factor is `1`"
    );
    fault!(
        reused(Strategy::DistributedArithmetic, 2),
        Problem::ReuseFactor { .. },
        Place::ReuseFactor,
        "layer `y`: strategy `distributed_arithmetic` reuses no multiplier, expected a reuse factor of 1, found 2",
        "  help: delete `reuse_factor`, or choose another strategy"
    );
}

#[test]
fn latency_takes_any_reuse_factor_up_to_the_number_of_products() {
    for reuse_factor in [1, 5, 23, 24] {
        assert!(reused(Strategy::Latency, reuse_factor).finish().is_ok());
    }
    for reuse_factor in [1, 2, 3, 6, 12, 24] {
        assert!(reused(Strategy::Resource, reuse_factor).finish().is_ok());
    }
}

#[test]
fn no_such_strategy() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[1]);
    let mut y = NodeSpec::new("y", Relu { max: None }, &[x]);
    y.strategy = Strategy::Resource;
    let y = net.add(y);
    net.output(y);
    fault!(
        net,
        Problem::NoSuchStrategy { .. },
        Place::Strategy,
        "layer `y`: strategy `resource` is not available for `relu`",
        "  help: available: `latency`"
    );
}

#[test]
fn too_wide() {
    fault!(
        build(layer("multiply"), &[(&[1], "fixed<128,64>"), (&[1], "fixed<120,60>")], &[], &[]),
        Problem::TooWide { .. },
        Place::Input(0),
        "layer `y`: exact values would have 248 bits, more than the 224 with which can be computed",
        "  note: inputs of this layer: fixed<128,64>, fixed<120,60>",
        "  help: write narrower formats for the inputs of this layer, or formats whose units are closer"
    );
}

#[test]
fn units_that_are_far_apart_are_too_wide_to_join() {
    let (place, problem, _) =
        only(build(layer("add"), &[(&[1], "fixed<8,900>"), (&[1], "fixed<8,-900>")], &[], &[]));
    assert_eq!(place, Place::Input(0));
    assert!(matches!(problem, Problem::TooWide { .. }));
}

#[test]
fn what_reads_from_a_fault_is_passed_over() {
    let mut net = Builder::new("net");
    let x = input(&mut net, "x", &[2]);
    let y = net.add(NodeSpec::new("y", Dense { units: 3 }, &[x]));
    let z = net.add(NodeSpec::new("z", Dense { units: 3 }, &[y]));
    assert_eq!((net.shape(x), net.shape(y), net.shape(z)), (Shape::new(&[2]).ok().as_ref(), None, None));
    net.output(z);
    only(net);
}
