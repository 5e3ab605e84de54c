//! Graph layers against values that the reference's C++ templates have printed.
//!
//! Eight vertices, two at once, are 200 random rows of vertices, their number, and the results of a layer for every
//! vertex, of one for their mean, and of a stack of the two. It is `nnet_garnet.h` of hls4ml 1.3.0 with the formats of
//! [`layer`], compiled with g++ and the headers of its templates.

use std::io::Read;

use flate2::read::GzDecoder;
use hls4rs::fixed::Format;
use hls4rs::ir::Slot;
use hls4rs::ir::ops::{Collapse, Garnet};

use crate::nets::{Layer, format};
use crate::vectors::{Batch, numbers};

const VECTORS: &[u8] = include_bytes!("../vectors/garnet_vectors.txt.gz");

const VERTICES: usize = 8;

fn layer(collapse: Collapse, x: Format) -> Layer {
    let op =
        Garnet { units: 2, aggregators: 2, collapse, parallelization_factor: Some(2), ..Garnet::default() };
    let (weight, bias) = (format("fixed<9,2>"), format("fixed<8,1>"));
    let mut layer = Layer::new(op, &[VERTICES, 2], x, format("fixed<18,8,RND,SAT>"))
        .stores(Slot::Weight, &[2, 2, 2], weight, vec![64, -160, 96, 192, -48, 117, 128, -80])
        .stores(Slot::TransformBias, &[2, 2], bias, vec![32, -64, 16, 48])
        .stores(Slot::DistanceWeight, &[2, 2], weight, vec![64, -32, 96, 40])
        .stores(Slot::DistanceBias, &[2], bias, vec![16, -32])
        .stores(Slot::Bias, &[2], bias, vec![64, -43])
        .format(Slot::Table, format("ufixed<10,0>"))
        .format(Slot::EdgeAccum, format("ufixed<12,2>"))
        .format(Slot::Accum, format("fixed<15,5>"));
    if collapse == Collapse::Mean {
        layer = layer.format(Slot::ScaledBias, bias);
    }
    layer.inputs.push((vec![1], format("ufixed<4,4>")));
    layer
}

#[test]
fn graph_layers_give_the_bits_of_the_reference() {
    let mut text = String::new();
    GzDecoder::new(VECTORS).read_to_string(&mut text).expect("the vectors can be read");
    let (mut each, mut mean, mut stack) = (Batch::default(), Batch::default(), Batch::default());
    let x = format("fixed<12,4>");
    let (of_each, of_mean) = (layer(Collapse::None, x), layer(Collapse::Mean, x));
    let last = layer(Collapse::Mean, of_each.result);
    for line in text.lines() {
        let rest = line.strip_prefix("garnet ").expect("a row of a graph layer");
        let groups: Vec<Vec<&str>> =
            rest.split(" | ").map(|group| group.split_whitespace().collect()).collect();
        let groups: Vec<Vec<i64>> = groups.iter().map(|group| numbers(group)).collect();
        let [x, count, of_vertices, of_all, of_stack] = groups.as_slice() else { panic!("{line}") };
        each.add(&[x, count], of_vertices);
        mean.add(&[x, count], of_all);
        stack.add(&[of_vertices, count], of_stack);
    }
    each.check("every vertex", &of_each);
    mean.check("the mean", &of_mean);
    stack.check("the mean behind another layer", &last);
    assert_eq!(text.lines().count(), 200);
}
