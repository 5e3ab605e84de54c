//! Pooling, scalar products, resizing and streamed selu against values that the reference's C++ templates have printed.
//!
//! The whole file of the reference is used where it is at hand, else every seventh row of it.

use std::collections::BTreeMap;

use hls4rs::fixed::Format;
use hls4rs::fixed::window::{Order, Window};
use hls4rs::ir::Slot;
use hls4rs::ir::ops::{Dot, GlobalPool, Pool, PoolOp, Resize, ResizeBy};

use hls4rs::layers::pool::{MeanKernel, Windows};

use crate::nets::{Layer, format};
use crate::vectors::{Batch, activation, input_format, numbers, vectors};

/// The kinds that are checked, with their rows in the whole file and in the part that is kept here.
///
/// A layer divides by the number of its values; rows of `avg` with another divisor go through the kernel alone.
const KINDS: &[(&str, usize, usize)] = &[
    ("avg", 960, 138),
    ("dot", 200, 29),
    ("gpool", 300, 43),
    ("max", 240, 35),
    ("ravg", 160, 23),
    ("resize", 5, 1),
    ("stream_selu", 1024, 147),
];

#[test]
fn moving_and_pooling_layers_give_the_bits_of_the_reference() {
    let (text, whole) = vectors("data_vectors.txt.gz");
    let mut batches: BTreeMap<String, (Layer, Batch)> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        if KINDS.iter().any(|(kind, ..)| *kind == name) {
            add(&mut batches, name, rest);
            *counts.entry(name).or_default() += 1;
        }
    }
    for (what, (layer, batch)) in &batches {
        batch.check(what, layer);
    }
    for &(kind, all, kept) in KINDS {
        let count = counts.get(kind).copied().unwrap_or_default();
        assert_eq!(count, if whole { all } else { kept }, "rows of {kind}");
        eprintln!("{kind}: {count} rows");
    }
}

/// Adds a row to the batch of its layer.
fn add(batches: &mut BTreeMap<String, (Layer, Batch)>, name: &str, rest: &str) {
    let groups: Vec<Vec<&str>> = rest.split(" | ").map(|group| group.split_whitespace().collect()).collect();
    let first = &groups[0];
    let mut put = |what: String, layer: Layer, inputs: &[&[i64]], results: &[i64]| {
        let (_, batch) = batches.entry(what).or_insert_with(|| (layer, Batch::default()));
        batch.add(inputs, results);
    };
    match name {
        "avg" | "max" | "ravg" => {
            let n: usize = first[1].parse().expect("a number");
            let (x, y) = (numbers(&first[3..]), numbers(&groups[1]));
            if name == "avg" {
                let divisor = first[2].parse().expect("a number");
                assert_eq!(mean(accum(first[0]), &x, divisor), y[0], "avg {rest}");
                if divisor != n {
                    return;
                }
            }
            let layer = pool(name, first[0], n);
            put(format!("{name} {} {n}", first[0]), layer, &[&x], &y);
        }
        "gpool" => {
            let (x, y) = (numbers(&first[1..]), numbers(&groups[1]));
            for (at, &y) in y.iter().enumerate() {
                let op = if at % 2 == 0 { PoolOp::Average } else { PoolOp::Max };
                let layer = Layer::new(
                    GlobalPool::new(op),
                    &[5, 1],
                    format("fixed<8,3>"),
                    format("fixed<9,5,RND,SAT>"),
                );
                let layer = layer.format(Slot::Accum, accum(first[0]));
                let layer = if at < 2 { layer.streamed() } else { layer };
                put(format!("gpool {} {at}", first[0]), layer, &[&x], &[y]);
            }
        }
        "dot" => {
            let (a, b, y) = (numbers(&first[1..]), numbers(&groups[1]), numbers(&groups[2]));
            let mut layer = Layer::new(Dot, &[a.len()], format("fixed<8,3>"), format("fixed<9,5,RND,SAT>"));
            layer.inputs.push((vec![b.len()], format("fixed<7,2>")));
            put(format!("dot {}", first[0]), layer.format(Slot::Accum, accum(first[0])), &[&a, &b], &y);
        }
        "resize" => {
            let all = numbers(first);
            let [h, w, rows, columns] = [0, 1, 2, 3].map(|at| all[at] as usize);
            let op = Resize { by: ResizeBy::Extents2d, sizes: vec![rows, columns] };
            let layer = Layer::new(op, &[h, w, 1], format("fixed<16,16>"), format("fixed<16,16>"));
            put(format!("resize {rest}"), layer, &[&all[4..]], &numbers(&groups[1]));
        }
        _ => {
            let size: usize = first[1].parse().expect("a number");
            let values = numbers(&first[2..]);
            let layer = activation("selu", input_format(first[0]), size).streamed();
            put(format!("selu {} {size}", first[0]), layer, &[&values[..1]], &values[1..]);
        }
    }
}

/// The kernel's mean of values with a divisor that need not be their number.
fn mean(accum: Format, x: &[i64], divisor: usize) -> i64 {
    let one = [1, 1];
    let window = Window {
        input: [1, x.len()],
        kernel: [1, x.len()],
        stride: one,
        dilation: one,
        before: [0, 0],
        output: one,
    };
    let formats = [format("fixed<9,4>"), accum, accum];
    let kernel = MeanKernel::new(Windows { window, channels: 1 }, false, Order::Direct, formats, false);
    let [short] = kernel.mean(x.iter().map(|&x| [x as i32]), divisor);
    let lanes: [i64; 8] = kernel.mean(x.iter().map(|&x| [x; 8]), divisor);
    assert_eq!(lanes, [i64::from(short); 8]);
    i64::from(short)
}

/// Pooling of `n` values whose result is that of the accumulator.
fn pool(name: &str, accum: &str, n: usize) -> Layer {
    let accum = self::accum(accum);
    let op = if name == "max" { PoolOp::Max } else { PoolOp::Average };
    let op = Pool { pool: vec![n], ..Pool::new(op, false) };
    let streamed = name == "ravg";
    let x = if streamed { accum } else { format("fixed<9,4>") };
    let layer = Layer::new(op, &[n, 1], x, accum).format(Slot::Accum, accum);
    if streamed { layer.streamed() } else { layer }
}

fn accum(tag: &str) -> Format {
    format(match tag {
        "as" => "fixed<11,6,RND_CONV,SAT>",
        "az" => "fixed<11,6,TRN_ZERO,SAT_SYM>",
        "a12" => "fixed<12,6>",
        "10,5rs" => "fixed<10,5,RND_CONV,SAT>",
        "13,6" => "fixed<13,6>",
        "9,4" => "fixed<9,4>",
        _ => panic!("{tag} is not known"),
    })
}
