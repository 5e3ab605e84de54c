//! Networks survive the way through text, and nothing else does.

use hls4rs_ir::json::JsonError;
use hls4rs_ir::ops::{Dense, Einsum, Input, Quantize, Range, TimeDistributed};
use hls4rs_ir::{Builder, Graph, NodeSpec, Precision, Slot, Strategy};
use proptest::prelude::*;

use crate::nets::*;

fn sum() -> Graph {
    let mut net = Builder::new("sum");
    let range = Some(Range { lo: -8.0, hi: 8.0, inclusive: false });
    let mut x = NodeSpec::new("x", Input { shape: shape(&[3]), range }, &[]);
    x.precision.set(Slot::Result, Precision::Checked(format("fixed<8,4>")));
    let x = net.add(x);
    let mut y = spec(Dense { units: 1 }, &[x], &[], &[(Slot::Weight, &[3, 1], vec![1.0, 0.5, -0.1])]);
    y.precision.set(Slot::Accum, Precision::MayWrap(format("fixed<12,8>")));
    y.precision.set(Slot::Weight, Precision::Checked(format("fixed<8,2,RND,SAT>")));
    (y.strategy, y.reuse_factor) = (Strategy::Resource, 3);
    let y = net.add(y);
    net.output(y);
    net.finish().unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn texts_and_modes_survive() {
    let mut net = Builder::new("product");
    let x = net.input("x", shape(&[2, 2]), Precision::Checked(format("fixed<8,4>")));
    let widths: [Values<'_>; 2] =
        [(Slot::Width, &[1, 2], vec![4.0, 3.0]), (Slot::IntBits, &[1, 1], vec![2.0])];
    let mut quantized = spec(Quantize::default(), &[x], &[], &widths);
    quantized.name = "q".to_owned();
    let quantized = net.add(quantized);
    let equation = Some("ij,jk->ki".to_owned());
    let y = net.add(spec(Einsum { equation }, &[quantized, x], &[], &[]));
    net.output(y);
    let graph = net.finish().unwrap_or_else(|faults| panic!("{faults}"));
    let text = graph.to_json();
    assert!(text.contains(r#""equation":"ij,jk->ki""#), "{text}");
    assert_eq!(Graph::from_json(&text).unwrap_or_else(|error| panic!("{error}")), graph);
}

#[test]
fn a_layer_inside_survives() {
    let mut net = Builder::new("net");
    let x = net.input("x", shape(&[2, 3]), Precision::Checked(format("fixed<8,4>")));
    let weight = [(Slot::Weight, &[3, 1][..], vec![1.0, 0.5, -0.5])];
    let y = net.add(spec(TimeDistributed::new(Dense { units: 1 }), &[x], &[], &weight));
    net.output(y);
    let graph = net.finish().unwrap_or_else(|faults| panic!("{faults}"));
    let text = graph.to_json();
    assert_eq!(Graph::from_json(&text).unwrap_or_else(|error| panic!("{error}")), graph);
    for (from, to, message) in [
        ("\"layer\": \"dense\"", "\"layer\": \"dens\"", "there is no layer `dens`; did you mean `dense`?"),
        ("\"layer\": \"dense\",", "", "`layer`: is missing"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text);
        let error = Graph::from_json(&wrong).expect_err("something is wrong").to_string();
        assert!(error.contains(message), "{error}");
    }
}

const SUM: &str = r#"{
  "hls4rs_graph": 1,
  "name": "sum",
  "nodes": [
    {
      "name": "x",
      "op": "input",
      "shape": [3],
      "range": {"hi":8.0,"inclusive":false,"lo":-8.0},
      "precision": {"result":"fixed<8,4>"}
    },
    {
      "name": "y",
      "op": "dense",
      "inputs": ["x"],
      "attributes": {"units":1},
      "precision": {"accum":"fixed<12,8> may wrap","weight":"fixed<8,2,RND,SAT>"},
      "strategy": "resource",
      "reuse_factor": 3,
      "values": {
        "weight": {"shape":[3,1],"values":[1,0.5,-0.1]}
      }
    }
  ],
  "outputs": ["y"]
}
"#;

#[test]
fn text_is_for_people() {
    assert_eq!(sum().to_json(), SUM);
    assert_eq!(Graph::from_json(SUM).expect("just written"), sum());
}

#[test]
fn many_values_are_bytes() {
    for (factor, encoding) in [(0.125, "f32_base64"), (0.1, "f64_base64")] {
        let weights: Vec<f64> = (0..66).map(|i| f64::from(i) * factor).collect();
        let values = [(Slot::Weight, &[66, 1][..], weights)];
        let formats = [(Slot::Weight, "fixed<16,8>")];
        let net = build(Dense { units: 1 }, &[(&[66], "fixed<8,4>")], &formats, &values);
        let net = net.finish().expect("nothing wrong");
        let text = net.to_json();
        assert!(text.contains(encoding), "{text}");
        assert_eq!(Graph::from_json(&text).expect("just written"), net);
    }
}

/// The message about a text that differs from [`SUM`] in one place.
#[track_caller]
fn error(from: &str, to: &str) -> String {
    let text = SUM.replacen(from, to, 1);
    assert_ne!(text, SUM);
    Graph::from_json(&text).expect_err("something is wrong").to_string()
}

#[test]
fn errors_name_node_and_field() {
    for (from, to, message) in [
        ("1,", "2,", "expected a network, `\"hls4rs_graph\": 1`, found `\"hls4rs_graph\": 2`"),
        (
            "\"name\": \"sum\"",
            "\"nam\": \"sum\"",
            "the network: `nam`: there is no such field; did you mean `name`?",
        ),
        ("\"dense\"", "\"dens\"", "node `y`: `op`: there is no layer `dens`; did you mean `dense`?"),
        (
            "[\"x\"]",
            "[\"z\"]",
            "node `y`: `inputs`: expected the name of an earlier node, found `z`; did you mean `x`?",
        ),
        (
            "\"units\":1",
            "\"units\":1.5",
            "node `y`, `attributes`: `units`: expected a whole number of at least 1, found 1.5",
        ),
        (
            "\"units\":1",
            "\"unit\":1",
            "node `y`, `attributes`: `unit`: there is no such field; did you mean `units`?",
        ),
        ("\"accum\"", "\"accu\"", "node `y`: `precision.accu`: there is no such slot"),
        (
            "fixed<12,8>",
            "fixed<12>",
            "node `y`: `precision.accum`: expected `auto` or a format such as `fixed<16,6>`, found `fixed<12> may wrap`",
        ),
        (
            "\"resource\"",
            "\"fast\"",
            "node `y`: `strategy`: expected one of `latency`, `resource`, `resource_unrolled`, `distributed_arithmetic`, `compressed`",
        ),
        (
            "\"reuse_factor\": 3",
            "\"reuse_factor\": -3",
            "node `y`: `reuse_factor`: expected a whole number, found -3",
        ),
        ("1,0.5,-0.1", "1,0.5", "node `y`, `values.weight`: `values`: expected 3 numbers, found 2"),
        ("1,0.5,-0.1", "1,0.5,\"\"", "node `y`, `values.weight`: `values`: expected 3 numbers"),
        (
            "\"values\":[1,0.5,-0.1]",
            "\"f32_base64\":\"AAA\"",
            "node `y`, `values.weight`: `f32_base64`: expected 3 numbers",
        ),
        (
            "\"shape\": [3]",
            "\"shape\": [0]",
            "node `x`: `shape`: extent 0 of the shape is 0; every extent must be at least 1",
        ),
        ("\"hi\":8.0,", "", "node `x`, `range`: `hi`: is missing"),
        ("[\"y\"]", "\"y\"", "the network: `outputs`: expected a list, found `y`"),
    ] {
        assert_eq!(error(from, to), message);
    }
}

#[test]
fn a_network_that_is_wrong_is_not_read() {
    assert_eq!(
        error("\"reuse_factor\": 3", "\"reuse_factor\": 2"),
        "layer `y`: reuse factor 2 does not divide 3 x 1 products evenly\n  \
         help: the nearest legal reuse factors are `1` and `3`"
    );
}

#[test]
fn a_network_that_may_wrap_is_read() {
    let text = SUM.replace(" may wrap", "");
    let net = Graph::from_json(&text.replace("fixed<12,8>", "fixed<10,3>")).expect("it has a meaning");
    assert!(net.resolve().is_err());
}

#[test]
fn a_small_text_cannot_make_a_large_network() {
    let text = SUM.replace("\"shape\": [3]", "\"shape\": [10000000]").replace("\"units\":1", "\"units\":20");
    assert!(matches!(Graph::from_json(&text), Err(JsonError::TooLarge { .. })));
    let nested = "[".repeat(100_000);
    assert!(matches!(Graph::from_json(&nested), Err(JsonError::Syntax(_))));
}

proptest! {
    #[test]
    fn random_networks_survive(seed: u64) {
        let net = random(seed);
        let text = net.to_json();
        let read = Graph::from_json(&text);
        prop_assert_eq!(&read.expect("just written"), &net);
    }

    #[test]
    fn changed_texts_never_panic(seed: u64, at in 0..SUM.len(), with in "[0-9a-z\"{}\\[\\],.:<> -]{0,3}", cut in 0usize..20) {
        let text = if seed % 2 == 0 { SUM.to_owned() } else { random(seed).to_json() };
        let at = at * text.len() / SUM.len();
        let changed = [&text[..at], &with, &text[(at + cut).min(text.len())..]].concat();
        let _ = Graph::from_json(&changed);
    }
}
