//! Drafts as no sound file has them: errors, but no panic.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::draft::{Alpha, Config, Draft, DraftNode, Quantizer, Type};
use hls4rs_ir::ops::{Dense, Input, Quantize};
use hls4rs_ir::{Io, Op, Shape, Slot, Tensor, passes};

fn tensor(extents: &[usize], value: f64) -> Tensor {
    let shape = Shape::new(extents).expect("a valid shape");
    let values = vec![value; shape.elements()];
    Tensor::new(shape, values).expect("as many values")
}

fn input(ty: Format) -> DraftNode {
    let shape = Shape::new(&[4]).expect("a valid shape");
    let mut node = DraftNode::new("x", "Input", Input { shape, range: None }, &[]);
    node.types.set(Slot::Result, Type::Fixed(ty));
    node
}

fn dense(source: &str, weight: f64) -> DraftNode {
    let mut node = DraftNode::new("fc", "Dense", Dense { units: 2 }, &[source]);
    node.values.set(Slot::Weight, tensor(&[4, 2], weight));
    node.values.set(Slot::Bias, tensor(&[2], weight));
    node
}

/// Runs everything; what comes out does not matter.
fn run(nodes: Vec<DraftNode>, config: &Config) {
    let outputs = nodes.last().map(|node| node.name.clone()).into_iter().collect();
    let draft = Draft { name: "int".to_owned(), nodes, outputs, ..Draft::default() };
    for io in Io::ALL {
        let mut draft = draft.clone();
        if passes::run(&mut draft, config, io).is_ok() {
            let _ = draft.build(io);
        }
    }
}

/// Layers that change what a type is, one after the other.
fn chain(ty: Format, weight: f64, quantizer: Option<&Quantizer>) -> Vec<DraftNode> {
    let mut fc = dense("x", weight);
    if let Some(quantizer) = quantizer {
        fc.quantizers.set(Slot::Weight, quantizer.clone());
        fc.quantizers.set(Slot::Bias, quantizer.clone());
    }
    let mut nodes = vec![input(ty), fc];
    for (name, keyword) in [("bn", "batch_norm"), ("act", "binary_tanh"), ("out", "softmax")] {
        let source = nodes.last().map(|node| node.name.clone()).expect("a node");
        let op = Op::from_keyword(keyword).expect("a keyword");
        let mut node = DraftNode::new(
            name,
            if name == "bn" { "BatchNormalization" } else { "Activation" },
            op,
            &[&source],
        );
        if name == "bn" {
            node.values.set(Slot::Scale, tensor(&[2], weight));
            node.values.set(Slot::Bias, tensor(&[2], weight));
        }
        nodes.push(node);
    }
    nodes
}

fn derived() -> Config {
    let mut config = Config::default();
    for variable in ["result", "accum"] {
        config.model.precision.insert(variable.to_owned(), hls4rs_ir::draft::Asked::Auto);
    }
    config
}

const WEIGHTS: [f64; 6] = [0.0, -1.0, 1e300, -1e300, 1e-300, 0.3];

#[test]
fn formats_at_their_limits() {
    for (width, int_bits) in [(1, 1024), (256, -1024), (256, 1024), (1, -1024), (255, 0)] {
        for weight in WEIGHTS {
            for config in [Config::default(), derived()] {
                run(chain(Format::fixed(width, int_bits), weight, None), &config);
            }
        }
    }
}

#[test]
fn quantizers_without_measure() {
    let alphas = [
        Alpha::None,
        Alpha::Auto,
        Alpha::AutoPo2,
        Alpha::Value(f64::NAN),
        Alpha::Value(0.0),
        Alpha::Values(vec![]),
    ];
    for alpha in alphas {
        for (bits, integer) in [(0, 0), (1, i32::MIN), (u32::MAX, i32::MAX), (8, 2000), (200, -5)] {
            let (keep_negative, symmetric, alpha) = (true, true, alpha.clone());
            let quantizers = [
                Quantizer::QuantizedBits { bits, integer, keep_negative, symmetric, alpha: alpha.clone() },
                Quantizer::PowerOfTwo { bits, max_value: Some(-1.0) },
                Quantizer::Binary { alpha: alpha.clone(), one_bit: true },
                Quantizer::Ternary { alpha, threshold: Some(f64::INFINITY) },
            ];
            for quantizer in &quantizers {
                for weight in WEIGHTS {
                    run(chain(Format::fixed(16, 6), weight, Some(quantizer)), &derived());
                }
                let _ = quantizer.result_type();
            }
        }
    }
}

#[test]
fn masks_without_measure() {
    for (width, int_bits) in
        [(0.0, 0.0), (1e9, -1e9), (-5.0, 3.0), (0.5, 0.25), (64.0, 1e300), (128.0, -128.0)]
    {
        for overflow in [Overflow::Wrap(0), Overflow::Sat, Overflow::SatSym] {
            for rounding in [Rounding::Trn, Rounding::Rnd, Rounding::RndConv] {
                let mut q =
                    DraftNode::new("q", "FixedPointQuantizer", Quantize { rounding, overflow }, &["x"]);
                q.values.set(Slot::Width, tensor(&[1], width));
                q.values.set(Slot::IntBits, tensor(&[4], int_bits));
                for weight in WEIGHTS {
                    run(vec![input(Format::fixed(16, 6)), q.clone(), dense("q", weight)], &derived());
                }
            }
        }
    }
}
