//! Networks for the tests.

use hls4rs_fixed::Format;
use hls4rs_ir::{Builder, Graph, NodeId, NodeSpec, Op, Precision, Shape, Slot, Tensor};

/// A shape.
pub fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

/// A tensor.
pub fn tensor(extents: &[usize], values: Vec<f64>) -> Tensor {
    Tensor::new(shape(extents), values).expect("as many values as elements")
}

/// A format from its text.
#[track_caller]
pub fn format(text: &str) -> Format {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a format"))
}

/// A node with formats and values.
pub fn spec(
    op: impl Into<Op>,
    inputs: &[NodeId],
    formats: &[(Slot, &str)],
    values: &[(Slot, &[usize], Vec<f64>)],
) -> NodeSpec {
    let mut spec = NodeSpec::new("y", op, inputs);
    for (slot, text) in formats {
        spec.precision.set(*slot, Precision::Checked(format(text)));
    }
    for (slot, extents, values) in values {
        spec.values.set(*slot, tensor(extents, values.clone()));
    }
    spec
}

/// A network of one layer on inputs `a`, `b`, …
#[track_caller]
pub fn one_layer(
    op: impl Into<Op>,
    inputs: &[(&[usize], &str)],
    formats: &[(Slot, &str)],
    values: &[(Slot, &[usize], Vec<f64>)],
) -> Graph {
    build(op, inputs, formats, values).finish().unwrap_or_else(|faults| panic!("{faults}"))
}

/// The builder of a network of one layer.
pub fn build(
    op: impl Into<Op>,
    inputs: &[(&[usize], &str)],
    formats: &[(Slot, &str)],
    values: &[(Slot, &[usize], Vec<f64>)],
) -> Builder {
    let mut net = Builder::new("net");
    let names = ["a", "b", "c"];
    let inputs: Vec<NodeId> = inputs
        .iter()
        .zip(names)
        .map(|((extents, text), name)| net.input(name, shape(extents), Precision::Checked(format(text))))
        .collect();
    let y = net.add(spec(op, &inputs, formats, values));
    net.output(y);
    net
}
