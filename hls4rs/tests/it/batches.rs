//! Batches of real numbers: conversion in and out, threads, errors, traces.

use hls4rs::fixed::{Format, from_f64, to_f32, to_f64};
use hls4rs::ir::ops::{Dense, Linear, Merge, MergeOp, Relu};
use hls4rs::ir::{Builder, NodeSpec, Precision, Resolved, Slot, Tensor};
use hls4rs::simulate::{Dispatch, Engine, SimulateError};
use ndarray::{Array2, Array3};

use crate::nets::{Layer, format, shape};

const DISPATCHES: [Dispatch; 3] = [Dispatch::Auto, Dispatch::Avx2, Dispatch::Baseline];

/// Numbers of every size, exact ties and values that are hard to round among them.
fn reals() -> Vec<f32> {
    let mut values = vec![
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-40,
        -1e-40,
    ];
    for exponent in -40..40 {
        for mantissa in [1.0f32, 1.25, 1.5, 1.75, 1.999_999_9, 1.000_000_1] {
            values.extend([mantissa, -mantissa].map(|m| m * 2f32.powi(exponent)));
        }
    }
    values.extend((-300..300).map(|n| n as f32 / 64.0));
    values
}

#[test]
fn reals_are_converted_as_the_headers_do() {
    let formats = [
        "fixed<16,6>",
        "fixed<16,6,RND,SAT>",
        "ufixed<12,5,RND,SAT>",
        "ufixed<16,0>",
        "fixed<8,8,RND_CONV,SAT_SYM>",
        "fixed<8,12,TRN_ZERO,SAT_ZERO>",
        "int<9>",
        "fixed<30,10,RND_INF>",
        "fixed<31,20,TRN,SAT>",
        "fixed<48,20,RND>",
        "fixed<63,3>",
        "fixed<16,-3,RND_MIN_INF>",
    ];
    let values = reals();
    let doubles: Vec<f64> = values.iter().map(|&v| f64::from(v) * 1.000_000_3).collect();
    for text in formats {
        let format = format(text);
        let network = Layer::new(Linear, &[1], format, format).network();
        for dispatch in DISPATCHES {
            let engine = Engine::new(&network).with_dispatch(dispatch).with_threads(1);
            let raw = |v: f64| from_f64(v, format);
            let found = engine.run(&[&values[..]]).unwrap().swap_remove(0);
            for (&x, y) in values.iter().zip(found) {
                let expected = to_f32(raw(f64::from(x)), format.frac_bits());
                assert_eq!(
                    y.to_bits(),
                    expected.to_bits(),
                    "{x:e} in {text} with {dispatch:?}: {y} not {expected}"
                );
            }
            let found = engine.run(&[&doubles[..]]).unwrap().swap_remove(0);
            for (&x, y) in doubles.iter().zip(found) {
                let expected = to_f64(raw(x), format.frac_bits());
                assert_eq!(
                    y.to_bits(),
                    expected.to_bits(),
                    "{x:e} in {text} with {dispatch:?}: {y} not {expected}"
                );
            }
        }
    }
}

/// Two inputs, two outputs of different shapes.
fn network() -> Resolved {
    let mut net = Builder::new("pair");
    let x = Precision::Checked(format("fixed<16,6>"));
    let (a, b) = (net.input("a", shape(&[3]), x), net.input("b", shape(&[3]), x));
    let sum = net.add(NodeSpec::new("sum", Merge { op: MergeOp::Add }, &[a, b]));
    let mut dense = NodeSpec::new("dense", Dense { units: 5 }, &[sum]);
    let weight: Vec<f64> = (0..15).map(|n| f64::from(n - 7) / 8.0).collect();
    dense.values.set(Slot::Weight, Tensor::new(shape(&[3, 5]), weight).unwrap());
    let dense = net.add(dense);
    let relu = net.add(NodeSpec::new("relu", Relu::default(), &[dense]));
    net.output(relu);
    net.output(sum);
    net.finish().unwrap().resolve().unwrap()
}

#[test]
fn batches_of_any_size_on_any_threads_are_the_same() {
    let network = network();
    let x = |seed: usize, n: usize| -> Vec<f32> {
        (0..n * 3).map(|i| ((i * 37 + seed) % 201) as f32 / 7.0 - 14.0).collect()
    };
    let all = Engine::new(&network).with_threads(1).run(&[&x(1, 1000)[..], &x(5, 1000)[..]]).unwrap();
    for samples in [0, 1, 63, 64, 65, 129, 1000] {
        for threads in [Some(1), Some(2), Some(5), None] {
            for dispatch in DISPATCHES {
                let engine = Engine::new(&network).with_dispatch(dispatch);
                let engine =
                    threads.map_or(Engine::new(&network).with_dispatch(dispatch), |n| engine.with_threads(n));
                let found = engine.run(&[&x(1, samples)[..], &x(5, samples)[..]]).unwrap();
                assert_eq!(found[0], all[0][..samples * 5], "{samples} samples, {threads:?} threads");
                assert_eq!(found[1], all[1][..samples * 3], "{samples} samples, {threads:?} threads");
            }
        }
    }
}

#[test]
fn wrong_arrays_are_refused() {
    let engine = Engine::new(&network());
    let right = Array2::<f32>::zeros((4, 3)).into_dyn();
    let flat = Array2::<f32>::zeros((4, 2)).into_dyn();
    let deep = Array3::<f32>::zeros((4, 3, 1)).into_dyn();
    let other = Array2::<f32>::zeros((5, 3)).into_dyn();
    let error = |arrays: &[&ndarray::ArrayD<f32>]| {
        let views: Vec<_> = arrays.iter().map(|a| a.view()).collect();
        engine.predict(&views).unwrap_err().to_string()
    };
    assert_eq!(error(&[&right]), "network `pair` has 2 inputs, 1 were given");
    assert_eq!(error(&[&right, &flat]), "input `b`: expected the shape [samples, 3], found [4, 2]");
    assert_eq!(error(&[&deep, &right]), "input `a`: expected the shape [samples, 3], found [4, 3, 1]");
    assert_eq!(error(&[&right, &other]), "input `b` has 5 samples, the first input has 4");
    let raw = [hls4rs::fixed::Wide::from_i64(40_000); 3];
    let refused = engine.run_raw(&[&raw[..], &raw[..]]).unwrap_err();
    assert!(matches!(refused, SimulateError::Raw { at: 0, .. }), "{refused}");
    let outputs = engine.predict(&[right.view(), right.view()]).unwrap();
    assert_eq!([outputs[0].shape(), outputs[1].shape()], [&[4, 5][..], &[4, 3]]);
}

#[test]
fn a_trace_has_the_results_of_every_layer() {
    let engine = Engine::new(&network());
    let a = Array2::from_shape_fn((70, 3), |(s, i)| s as f64 / 8.0 - i as f64).into_dyn();
    let trace = engine.trace(&[a.view(), a.view()]).unwrap();
    let names: Vec<_> = trace.layers().iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "sum", "dense", "relu"]);
    let sum = trace.layer("sum").unwrap();
    assert_eq!(sum.values, a.mapv(|v| 2.0 * v));
    assert_eq!(sum.observed(), (-4.0, 17.25));
    // -4 to 17.25 in steps of 1/1024: six integer bits.
    assert_eq!((sum.format, sum.enough()), (Format::fixed(17, 7), Format::fixed(16, 6)));
    assert_eq!((sum.raw.len(), sum.raw.get(3)), (210, hls4rs::fixed::Wide::from_i64(256)));
    assert_eq!(sum.used(), 17.25 / (64.0 - 1.0 / 1024.0));
    assert_eq!(trace.layer("relu").unwrap().values, engine.predict(&[a.view(), a.view()]).unwrap()[0]);
}
