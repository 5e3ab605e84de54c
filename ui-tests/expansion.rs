//! Networks without mistakes: what `network!` makes of them compiles, and its parts agree.

use hls4rs::prelude::*;
use ndarray::{Array1, Array2, Array3, Axis};

network! {
    /// Every layer there is, one after the other.
    struct Everything;
    input x: [4] as Fixed<8, 3>;
    input m: [2, 3] as Fixed<8, 3>;
    let a = leaky_relu(x, 0.25);
    let b = thresholded_relu(x, 0.5) as Fixed<9, 4>;
    let c = prelu(a) { alpha: [0.5, -0.25, 2.0, 1.0] } as Fixed<10, 5>;
    let d = elu(c, 1.0) { table_size: 64 } as Fixed<12, 5, Rnd>;
    let e = sigmoid(d, 64);
    let f = tanh(d, 64);
    let g = softplus(d, 64);
    let h = softsign(d, 64);
    let i = selu(d, 64);
    let j = hard_sigmoid(d);
    let k = hard_tanh(d);
    let l = batch_norm(add(e, f)) { scale: [1.0, 0.5, -0.25, 2.0], bias: 0.5 } as Fixed<12, 4, Rnd, SatSym>;
    let n = relu(l, 6);
    let p = subtract(g, h);
    let q = multiply(p, x) as Fixed<12, 8, RndConv, SatZero>;
    let r = average(i, j);
    let s = maximum(r, k);
    let t = minimum(s, n) as Fixed<12, 4, Trn, WrapN<1>>;
    let u = reshape(add(t, b), [2, 2]) as Fixed<10, 5>;
    let v = concatenate(m, u, m);
    let w = flatten(v) as Int<6>;
    let z = dense(w, 3) { weight: 0.5, strategy: resource, reuse_factor: 4 } as Fixed<8, 5, Trn, Wrap>;
    let o = dense(q, 3) { weight: -0.25, bias: [0.5, 0.0, -8], accum: Fixed<12, 6, Rnd, Sat> };
    output y1 = softmax(z) { table_size: 64 } as UFixed<16, 1>;
    output y2 = softmax(o, -1, latency, 64) as UFixed<16, 1, Rnd, Sat>;
    output y3 = softmax(z, -1, legacy, 64) as UFixed<16, 2, Rnd, Sat>;
    output y4 = softmax(o, -1, argmax);
    output l;
    output same = u;
}

#[test]
fn typed_functions_and_engine_agree() {
    let net = Everything::new();
    // An xorshift generator, seeded.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 256) as f64 / 32.0 - 4.0
    };
    let x = Array2::from_shape_simple_fn((200, 4), &mut random);
    let m = Array3::from_shape_simple_fn((200, 2, 3), &mut random);
    let (y1, y2, y3, y4, l, same) = net.predict_batch(x.view(), m.view());
    for sample in 0..200 {
        let number = |v: &f64| Fixed::<8, 3>::from_num(*v);
        let x: Vec<_> = x.index_axis(Axis(0), sample).iter().map(number).collect();
        let m: Vec<_> = m.index_axis(Axis(0), sample).iter().map(number).collect();
        let typed = net.predict(&x.try_into().expect("4 values"), &m.try_into().expect("6 values"));
        let row = |y: &Array2<f64>| y.index_axis(Axis(0), sample).to_vec();
        assert_eq!(typed.0.map(|y| y.to_num::<f64>()).to_vec(), row(&y1), "y1, sample {sample}");
        assert_eq!(typed.1.map(|y| y.to_num::<f64>()).to_vec(), row(&y2), "y2, sample {sample}");
        assert_eq!(typed.2.map(|y| y.to_num::<f64>()).to_vec(), row(&y3), "y3, sample {sample}");
        assert_eq!(typed.3.map(|y| y.to_num::<f64>()).to_vec(), row(&y4), "y4, sample {sample}");
        assert_eq!(typed.4.map(|y| y.to_num::<f64>()).to_vec(), row(&l), "l, sample {sample}");
        let same: Array1<f64> = same.index_axis(Axis(0), sample).iter().copied().collect();
        assert_eq!(typed.5.map(|y| y.to_num::<f64>()).to_vec(), same.to_vec(), "same, sample {sample}");
    }
}

#[test]
fn the_graph_comes_back_as_it_was_checked() {
    let graph = Everything::graph();
    assert!(graph.find("l_add").is_some() && graph.find("u_add").is_some());
    let o = graph.find("o").expect("a layer `o`");
    assert_eq!(Everything::resolved().facts(o).format(hls4rs::ir::Slot::Weight).to_string(), "fixed<1,-1>");
    assert_eq!(graph.resolve().as_ref(), Ok(Everything::resolved()));
}

#[test]
fn a_trace_has_every_layer() {
    let (x, m) = (Array2::<f32>::ones((3, 4)), Array3::<f32>::zeros((3, 2, 3)));
    let trace = Everything::new().trace(x.view(), m.view());
    assert_eq!(trace.layers().len(), Everything::graph().nodes().len());
}

#[test]
fn a_project_is_made_of_it() {
    assert!(Everything::project(Backend::Vitis).files().is_ok());
}

/// Names of the user's own must not get into the way of an expansion.
mod hygiene {
    #![allow(dead_code, non_camel_case_types)]

    struct Fixed;
    struct Vec;
    struct Option;
    mod std {}
    mod core {}
    mod hls4rs {}
    mod fixed {}
    mod layers {}
    mod simulate {}

    ::hls4rs::network! {
        pub(crate) struct Net;
        input layers: [2] as Fixed<8, 4>;
        let fixed = relu(layers);
        let W_weight = relu(fixed);
        let w = dense(W_weight, 2) { weight: 0.5 };
        let W_WEIGHT = relu(w);
        output outputs = relu(W_WEIGHT);
    }

    #[test]
    fn other_things_of_the_same_names_do_no_harm() {
        let one = ::hls4rs::fixed::Fixed::<8, 4>::from_num(1);
        assert_eq!(Net::new().predict(&[one, one]).map(|y| y.to_num::<f64>()), [1.0, 1.0]);
        let x = ::ndarray::Array2::<f64>::ones((1, 2));
        assert_eq!(Net::new().predict_batch(x.view()), x);
    }
}
