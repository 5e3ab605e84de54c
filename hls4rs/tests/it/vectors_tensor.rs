//! Products of all classes, tensor products, layer normalization and activations with few values against values that
//! the reference's C++ templates have printed; see [`vectors`](crate::vectors) for the file.

use std::collections::BTreeMap;

use hls4rs::fixed::Format;
use hls4rs::ir::ops::{BatchNorm, Dense, Einsum, LayerNorm, QuantizedTanh};
use hls4rs::ir::{Builder, NodeSpec, Precision, Slot, Tensor};

use crate::nets::{Layer, format, run, shape};
use crate::vectors::{Batch, input_format, numbers, vectors};

/// The kinds that are checked, with their rows in the whole file and in the part that is kept here.
const KINDS: &[(&str, usize, usize)] = &[
    ("binary_tanh", 1024, 147),
    ("ternary_tanh", 1024, 147),
    ("stream_binary_tanh", 1024, 147),
    ("stream_ternary_tanh", 1024, 147),
    ("prod", 600, 86),
    ("po2", 300, 43),
    ("einsum", 90, 13),
    ("ln", 400, 58),
];

/// A row: what it is called, its layer, the layer's input and the result.
struct Row {
    what: String,
    layer: Layer,
    inputs: Vec<Vec<i64>>,
    result: Vec<i64>,
}

#[test]
fn products_and_activations_give_the_bits_of_the_reference() {
    let (text, whole) = vectors("tensor_vectors.txt.gz");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut batches: BTreeMap<String, (Layer, Batch)> = BTreeMap::new();
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(' ') else { continue };
        if !KINDS.iter().any(|(kind, ..)| *kind == name) {
            continue;
        }
        *counts.entry(name).or_default() += 1;
        let groups: Vec<Vec<&str>> =
            rest.split(" | ").map(|group| group.split_whitespace().collect()).collect();
        if name == "po2" {
            power_of_two(rest, &groups);
            continue;
        }
        let Row { what, layer, inputs, result } = row(name, rest, &groups);
        let (_, batch) = batches.entry(what).or_insert_with(|| (layer, Batch::default()));
        batch.add(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>(), &result);
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

fn row(name: &str, rest: &str, groups: &[Vec<&str>]) -> Row {
    match name {
        "prod" => product(rest, groups),
        "einsum" => tensors(groups),
        "ln" => normalization(rest, groups),
        _ => activation(name, &groups[0]),
    }
}

fn activation(name: &str, words: &[&str]) -> Row {
    let values = numbers(&words[2..]);
    let op = QuantizedTanh { ternary: name.contains("ternary") };
    let layer = Layer::new(op, &[1], input_format(words[0]), format("fixed<16,6>"));
    let layer = if name.starts_with("stream_") { layer.streamed() } else { layer };
    let (inputs, result) = (vec![values[..1].to_vec()], values[1..].to_vec());
    Row { what: format!("{name} {}", words[0]), layer, inputs, result }
}

/// One bit as -1 or 1.
fn signs(bits: &[i64]) -> Vec<i64> {
    bits.iter().map(|bit| 2 * bit - 1).collect()
}

/// Two sums of five products. Bits are -1 or 1 here, so that all classes are ordinary products.
///
/// Where both factors are bits, the reference counts equal ones on top of the bias, doubles the whole and subtracts the
/// number of products: the bias is truncated to the whole accumulator, and counts twice.
fn product(rest: &str, groups: &[Vec<&str>]) -> Row {
    let class = groups[0][0];
    let (x, w, bias, result) =
        (numbers(&groups[0][1..]), numbers(&groups[1]), numbers(&groups[2]), numbers(&groups[3]));
    let sign = format("int<2>");
    let (x_format, w_format) = match class {
        "bb" => (sign, sign),
        "wb" => (format("fixed<8,3>"), sign),
        "wbu" => (format("ufixed<6,2>"), sign),
        "db" => (sign, format("fixed<7,2>")),
        "wt" => (format("fixed<8,3>"), sign),
        _ => (format("uint<5>"), sign),
    };
    let x = if matches!(class, "bb" | "db") { signs(&x) } else { x };
    let w = match class {
        "bb" | "wb" | "wbu" => signs(&w),
        // Only -1 negates; the stray -2 of two bits counts as 1.
        "wt" | "wtu" => w.into_iter().map(|w| if w == -2 { 1 } else { w }).collect(),
        _ => w,
    };
    let both = class == "bb";
    let (accum, y) = if both { ("int<8>", "int<6>") } else { ("fixed<12,6>", "fixed<9,5,RND,SAT>") };
    let bias = if both { bias.into_iter().map(|b| b / 8 * 2 * 8).collect() } else { bias };
    let bias_format = if both { format("fixed<8,5>") } else { format("fixed<6,3>") };
    let layer = Layer::new(Dense { units: 2 }, &[5], x_format, format(y))
        .stores(Slot::Weight, &[5, 2], w_format, w)
        .stores(Slot::Bias, &[2], bias_format, bias)
        .format(Slot::Accum, format(accum));
    Row { what: format!("prod {rest}"), layer, inputs: vec![x], result }
}

/// A product with a power of two, which drops its lowest bits before it is negated: two layers.
fn power_of_two(rest: &str, groups: &[Vec<&str>]) {
    let values = numbers(&groups[0]);
    let (negative, exponent, x) = (values[0] == 0, values[1], values[2]);
    let y =
        Format::fixed(groups[1][0].parse().expect("a width"), groups[1][1].parse().expect("integer bits"));
    let value: f64 = groups[1][2].parse().expect("a number");
    let mut net = Builder::new("net");
    let input = net.input("x", shape(&[1]), Precision::MayWrap(format("fixed<8,3>")));
    let mut times = |name: &str, input, factor: f64| {
        let mut spec = NodeSpec::new(name, BatchNorm, &[input]);
        spec.values.set(Slot::Scale, Tensor::new(shape(&[1]), vec![factor]).expect("one value"));
        spec.precision.set(Slot::Result, Precision::MayWrap(y));
        net.add(spec)
    };
    let shifted = times("shifted", input, 2f64.powi(exponent as i32));
    let last = times("last", shifted, if negative { -1.0 } else { 1.0 });
    net.output(last);
    let network = net.resolve().unwrap_or_else(|faults| panic!("{faults}"));
    // Printed with twelve digits.
    let raw = (value * f64::from(y.frac_bits()).exp2()).round() as i64;
    assert_eq!(run(&network, &[vec![x]]), [raw], "po2 {rest}");
}

fn tensors(groups: &[Vec<&str>]) -> Row {
    let accum = match groups[0][0] {
        "as" => "fixed<11,6,RND_CONV,SAT>",
        "az" => "fixed<11,6,TRN_ZERO,SAT_SYM>",
        "aw" => "fixed<10,5>",
        "ay" => "fixed<12,4,RND,SAT_ZERO>",
        "a12" => "fixed<12,6>",
        other => panic!("{other} is not known"),
    };
    let op = Einsum { equation: Some("ilc,imc->ilm".to_owned()) };
    let mut layer = Layer::new(op, &[2, 3, 4], format("fixed<8,3>"), format("fixed<9,5,RND,SAT>"));
    layer.inputs.push((vec![2, 5, 4], format("fixed<7,2>")));
    let layer = layer.format(Slot::Accum, format(accum));
    let inputs = vec![numbers(&groups[0][1..]), numbers(&groups[1])];
    Row { what: format!("einsum {}", groups[0][0]), layer, inputs, result: numbers(&groups[2]) }
}

fn normalization(rest: &str, groups: &[Vec<&str>]) -> Row {
    let (accum, table, table_size, table_range_power2) = match groups[0][0] {
        "a" => ("fixed<14,4,RND_CONV,SAT>", "ufixed<8,5,RND_CONV,SAT>", 4096, 0),
        _ => ("fixed<16,6>", "fixed<18,8>", 1024, 2),
    };
    let op = LayerNorm { epsilon: 1e-3, table_size, table_range_power2 };
    let parameter = format("fixed<10,3>");
    let layer = Layer::new(op, &[2, 6], format("fixed<12,4>"), format("fixed<16,6>"))
        .stores(Slot::Scale, &[6], parameter, numbers(&groups[1]))
        .stores(Slot::Bias, &[6], parameter, numbers(&groups[2]))
        .format(Slot::Accum, format(accum))
        .format(Slot::Table, format(table));
    let inputs = vec![numbers(&groups[0][1..])];
    Row { what: format!("ln {rest}"), layer, inputs, result: numbers(&groups[3]) }
}
