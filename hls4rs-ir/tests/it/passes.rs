//! Every pass before and after, in the text form of drafts.

mod affine;
mod biases;
mod modes;
mod quantized;
mod rest;

use expect_test::Expect;
use hls4rs_fixed::Format;
use hls4rs_ir::draft::{Config, Draft, DraftNode};
use hls4rs_ir::ops::{Dense, Input, Linear};
use hls4rs_ir::passes::{Around, find};
use hls4rs_ir::{Io, Op, Shape, Slot, Tensor};

fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

fn tensor(extents: &[usize], values: &[f64]) -> Tensor {
    Tensor::new(shape(extents), values.to_vec()).expect("as many values as the shape has elements")
}

fn input(extents: &[usize]) -> DraftNode {
    let mut node = DraftNode::new("x", "Input", Input { shape: shape(extents), range: None }, &[]);
    node.types.set(Slot::Result, Format::fixed(16, 6).into());
    node
}

fn dense(name: &str, source: &str) -> DraftNode {
    let mut node = DraftNode::new(name, "Dense", Dense { units: 2 }, &[source]);
    node.values.set(Slot::Weight, tensor(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
    node.values.set(Slot::Bias, tensor(&[2], &[0.5, -0.5]));
    node
}

fn linear(name: &str, source: &str) -> DraftNode {
    DraftNode::new(name, "Activation", Linear, &[source])
}

fn affine(name: &str, source: &str, scale: [f64; 2], bias: [f64; 2]) -> DraftNode {
    let op = Op::from_keyword("batch_norm").expect("a keyword");
    let mut node = DraftNode::new(name, "BatchNormalization", op, &[source]);
    node.values.set(Slot::Scale, tensor(&[2], &scale));
    node.values.set(Slot::Bias, tensor(&[2], &bias));
    node
}

/// Nodes one after the other, the last one the output.
fn draft(nodes: Vec<DraftNode>) -> Draft {
    let outputs = nodes.last().map(|node| node.name.clone()).into_iter().collect();
    Draft { name: "net".to_owned(), nodes, outputs, ..Draft::default() }
}

fn automatic() -> Config {
    let mut config = Config::default();
    config.model.precision.insert("result".to_owned(), hls4rs_ir::draft::Asked::Auto);
    config
}

/// Runs a pass until it changes nothing; passes over the whole network once.
fn after(pass: &str, draft: &mut Draft, io: Io) {
    let config = automatic();
    let around = Around { config: &config, io };
    let pass = find(pass).expect("a pass of this name");
    while (pass.run)(draft, &around).expect("nothing wrong") && !pass.once() {}
}

fn check(pass: &str, nodes: Vec<DraftNode>, expected: &Expect) {
    let mut draft = draft(nodes);
    after(pass, &mut draft, Io::Parallel);
    expected.assert_eq(&draft.to_string());
}
