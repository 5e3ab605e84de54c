//! Sums over lists of weights against values that the reference's C++ templates have printed; see
//! [`vectors`](crate::vectors) for the file.

use hls4rs::fixed::{Fixed, Number, Rnd, RndConv, Sat, SatSym, TrnZero, Uint};
use hls4rs::ir::ops::Dense;
use hls4rs::ir::{Slot, Strategy, used_weights};
use hls4rs::layers::{Constants, accum, compressed_dense};

use crate::nets::{Layer, format};
use crate::vectors::{accum_format, numbers, vectors};

const N_IN: usize = 6;
const N_OUT: usize = 3;
const LISTED: usize = 12;

/// Six inputs, a list of twelve weights, and three outputs.
struct Row {
    accum: String,
    steps: usize,
    x: Vec<i64>,
    weight: Vec<i64>,
    /// The places in `weight`, in the order of the list; a weight there may be zero.
    used: Vec<usize>,
    bias: Vec<i64>,
    result: Vec<i64>,
}

fn row(rest: &str) -> Row {
    let groups: Vec<Vec<&str>> = rest.split(" | ").map(|group| group.split_whitespace().collect()).collect();
    let mut weight = vec![0; N_IN * N_OUT];
    let mut used = Vec::new();
    for triple in numbers(&groups[1]).chunks(3) {
        let at = triple[0] as usize * N_OUT + triple[1] as usize;
        weight[at] = triple[2];
        used.push(at);
    }
    Row {
        accum: groups[0][0].to_owned(),
        steps: groups[0][1].parse().expect("a number"),
        x: numbers(&groups[0][2..]),
        weight,
        used,
        bias: numbers(&groups[2]),
        result: numbers(&groups[3]),
    }
}

#[test]
fn lists_of_weights_give_the_bits_of_the_reference() {
    let (text, whole) = vectors("compressed_vectors.txt.gz");
    let (mut rows, mut layers) = (0, 0);
    for rest in text.lines().filter_map(|line| line.strip_prefix("comp ")) {
        let row = row(rest);
        assert_eq!(typed(&row), row.result, "{rest}");
        rows += 1;
        // Some lists have zeros, or another order than a layer gives them.
        if used_weights(&row.weight, N_OUT) == row.used {
            assert_eq!(layer(&row), row.result, "{rest}, as a layer");
            layers += 1;
        }
    }
    assert_eq!((rows, layers), if whole { (240, 29) } else { (35, 4) });
    eprintln!("comp: {rows} rows, {layers} of them as a layer");
}

fn typed(row: &Row) -> Vec<i64> {
    match row.accum.as_str() {
        "as" => with::<Fixed<11, 6, RndConv, Sat>>(row),
        "az" => with::<Fixed<11, 6, TrnZero, SatSym>>(row),
        "a12" => with::<Fixed<12, 6>>(row),
        other => panic!("{other} is not known"),
    }
}

fn with<A: Number>(row: &Row) -> Vec<i64> {
    type X = Fixed<8, 3>;
    type Y = Fixed<9, 5, Rnd, Sat>;
    let x: [X; N_IN] = core::array::from_fn(|i| X::from_i64(row.x[i]));
    let weight = Constants::<Fixed<7, 2>, { N_IN * N_OUT }>::new(bytes(&row.weight, 1));
    let bias = Constants::<Fixed<9, 3>, N_OUT>::new(bytes(&row.bias, 2));
    let places: Vec<i64> = row.used.iter().map(|&at| at as i64).collect();
    let used = Constants::<Uint<8>, LISTED>::new(bytes(&places, 1));
    let y: [Y; N_OUT] = compressed_dense(&x, &weight, &bias, accum::<A>(), &used, row.steps);
    y.iter().map(|y| y.to_i64()).collect()
}

/// Constants are compiled in; those of a test live as long as it runs.
fn bytes(values: &[i64], size: usize) -> &'static [u8] {
    Box::leak(values.iter().flat_map(|v| v.to_le_bytes()[..size].to_vec()).collect())
}

fn layer(row: &Row) -> Vec<i64> {
    let mut layer =
        Layer::new(Dense { units: N_OUT }, &[N_IN], format("fixed<8,3>"), format("fixed<9,5,RND,SAT>"))
            .stores(Slot::Weight, &[N_IN, N_OUT], format("fixed<7,2>"), row.weight.clone())
            .stores(Slot::Bias, &[N_OUT], format("fixed<9,3>"), row.bias.clone())
            .format(Slot::Accum, accum_format(&row.accum));
    layer.arranged = Some((Strategy::Compressed, row.steps));
    layer.run(std::slice::from_ref(&row.x))
}
