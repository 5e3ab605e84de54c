//! Layers of one's own: the example's, in every interface and through a saved graph.

use hls4rs::fixed::Fixed;
use hls4rs::ir::{Builder, Graph, Io, NodeSpec, Precision, Slot};
use hls4rs::project::Project;
use hls4rs::{backends::Backend, custom};

use crate::nets::{shape, with_io};
use crate::same_bits::check;

#[allow(unreachable_pub)]
#[path = "../../../examples/delta_r2/mod.rs"]
mod delta_r2;

use delta_r2::{Crowd, layer};

#[test]
fn the_cxx_of_the_example_gives_the_same_bits() {
    check(Crowd::resolved(), 200);
    check(&with_io(Crowd::resolved(), Io::Stream), 200);
}

#[test]
fn typed_function_and_engine_agree() {
    let raw = |sample: usize, at: usize| (((sample * 12 + at) * 2_654_435_761) >> 7) as i64 % 2048;
    for sample in 0..200 {
        let particles: [Fixed<12, 3>; 12] =
            std::array::from_fn(|at| Fixed::from_bits(raw(sample, at) as i16));
        let x = particles.map(|p| p.to_num::<f64>());
        let engine = Crowd::engine().run(&[&x[..]]).expect("one sample");
        let typed = Crowd::new().predict(&particles).map(|y| y.to_num::<f64>());
        assert_eq!(engine[0].as_slice(), typed, "sample {sample}");
    }
}

#[test]
fn a_saved_graph_needs_the_definition() {
    let text = Crowd::graph().to_json();
    let without = Graph::from_json(&text).expect_err("nobody knows the layer").to_string();
    assert!(without.contains("node `dr2`: `layer`: `delta_r2` is a layer of somebody's own"), "{without}");
    let with = Graph::from_json_with(&text, &mut layer::definition).expect("known");
    assert_eq!(with, Crowd::graph());
}

/// A network whose layer is told what it gives.
fn told(extents: &[usize], format: Precision) -> Result<hls4rs::ir::Resolved, hls4rs::ir::Faults> {
    let mut net = Builder::new("told");
    let x = net.input("x", shape(&[3, 2]), Precision::Checked("fixed<8,2>".parse().expect("a format")));
    let op = custom::op(layer::DeltaR2 { angle: 1 });
    let hls4rs::ir::Op::Custom(op) = op else { unreachable!("made here") };
    let mut spec = NodeSpec::new("y", op.with_shape(shape(extents)), &[x]);
    spec.precision.set(Slot::Result, format);
    let y = net.add(spec);
    net.output(y);
    net.resolve()
}

#[test]
fn the_rules_are_checked_against_what_is_declared() {
    let wrong = told(&[3, 2], Precision::Auto).expect_err("the shape is wrong").to_string();
    assert!(
        wrong.contains("`shape`: expected [3, 3], which is what `delta_r2` gives, found [3, 2]"),
        "{wrong}"
    );
    let narrow = Precision::Checked("ufixed<8,2>".parse().expect("a format"));
    let wrong = told(&[3, 3], narrow).expect_err("a distance can be larger").to_string();
    assert!(wrong.contains("widen `result` to `ufixed<11,5>`"), "{wrong}");
    let exact = told(&[3, 3], Precision::Auto).expect("settled by its range");
    let y = exact.graph().find("y").expect("the layer");
    assert_eq!(exact.facts(y).result().to_string(), "ufixed<17,5>");
}

/// A layer that is only simulated.
#[derive(Clone, Debug)]
struct Silent;

impl custom::Layer for Silent {
    fn keyword(&self) -> &'static str {
        "silent"
    }

    fn shape(&self, inputs: &[&hls4rs::ir::Shape]) -> Result<hls4rs::ir::Shape, hls4rs::ir::ops::Unfit> {
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut hls4rs::ir::resolve::NodeCx<'_>) -> Option<hls4rs::ir::resolve::Done> {
        let range = cx.input(0).range.clone();
        Some(cx.settle_result(&range).into())
    }
}

impl custom::Kernel for Silent {
    fn compute(&self, _: &custom::KernelCx<'_>, x: &[custom::Rows<'_>], y: &mut custom::RowsMut<'_>) {
        for at in 0..x[0].len() {
            y.row_mut(at).copy_from_slice(x[0].row(at));
        }
    }
}

impl custom::CustomLayer for Silent {}

#[test]
fn a_layer_without_cxx_is_named() {
    let mut net = Builder::new("quiet");
    let x = net.input("x", shape(&[3]), Precision::Checked("fixed<8,2>".parse().expect("a format")));
    let y = net.add(NodeSpec::new("y", custom::op(Silent), &[x]));
    net.output(y);
    let error = Project::new(&net.resolve().expect("sound"), Backend::Vitis).files().expect_err("no C++");
    assert_eq!(error.to_string(), "vitis: layer `y` has no C++\n  help: write `CustomLayer::emit` for it");
}
