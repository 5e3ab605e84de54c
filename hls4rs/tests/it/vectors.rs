//! Every layer against values that the reference's C++ templates have printed.
//!
//! One case per line: a name and parameters, then raw integers; groups are separated by ` | `, the last group is the
//! result. The whole file is used where it is at hand, else every seventh row of it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use flate2::read::GzDecoder;
use hls4rs::fixed::Format;
use hls4rs::ir::ops::{
    BatchNorm, Conv, Dense, Elu, Function, Hard, Implementation, LeakyRelu, Merge, MergeOp, Op, Relu,
    Softmax, TableActivation,
};
use hls4rs::ir::{Slot, Strategy};

use crate::nets::{Layer, format};

/// The kinds that are checked, with their rows in the whole file and in the part that is kept here.
const KINDS: &[(&str, usize, usize)] = &[
    ("bn", 200, 29),
    ("dense", 840, 120),
    ("dw", 200, 29),
    ("elu", 1088, 155),
    ("hard_sigmoid", 1024, 146),
    ("hard_tanh", 1024, 146),
    ("leaky_relu", 1024, 146),
    ("merge", 1600, 229),
    ("relu", 1024, 146),
    ("relu1", 1024, 146),
    ("relu6", 1024, 146),
    ("selu", 1024, 146),
    ("sigmoid", 2624, 375),
    ("softmax_argmax", 400, 57),
    ("softmax_latency", 800, 114),
    ("softmax_legacy", 800, 114),
    ("softmax_stable", 800, 114),
    ("softplus", 1024, 146),
    ("softsign", 1024, 146),
    ("stream_elu", 1024, 146),
    ("stream_relu", 1024, 146),
    ("stream_sigmoid", 1024, 146),
    ("stream_softplus", 1024, 146),
    ("stream_softsign", 1024, 146),
    ("stream_tanh", 1024, 146),
    ("tanh", 1536, 219),
];

/// The kinds of the whole file that are not checked, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("stream_selu", "in `vectors_data`"),
    ("binary_tanh", "in `vectors_tensor`"),
    ("ternary_tanh", "in `vectors_tensor`"),
    ("stream_binary_tanh", "in `vectors_tensor`"),
    ("stream_ternary_tanh", "in `vectors_tensor`"),
    ("comp", "in `vectors_compressed`"),
    ("prod", "in `vectors_tensor`"),
    ("po2", "in `vectors_tensor`"),
    ("einsum", "in `vectors_tensor`"),
    ("dot", "in `vectors_data`"),
    ("avg", "in `vectors_data`"),
    ("ravg", "in `vectors_data`"),
    ("max", "in `vectors_data`"),
    ("gpool", "in `vectors_data`"),
    ("ln", "in `vectors_tensor`"),
    ("lstm", "in `vectors_recurrent`"),
    ("gru", "in `vectors_recurrent`"),
    ("grup", "in `vectors_recurrent`"),
    ("resize", "in `vectors_data`"),
];

/// Cases that one network can run in one batch: its inputs, one vector for each, and the results.
#[derive(Default)]
pub(crate) struct Batch {
    inputs: Vec<Vec<i64>>,
    results: Vec<i64>,
    rows: usize,
}

impl Batch {
    pub(crate) fn add(&mut self, inputs: &[&[i64]], results: &[i64]) {
        self.inputs.resize(inputs.len(), Vec::new());
        for (all, x) in self.inputs.iter_mut().zip(inputs) {
            all.extend_from_slice(x);
        }
        self.results.extend_from_slice(results);
        self.rows += 1;
    }

    #[track_caller]
    pub(crate) fn check(&self, what: &str, layer: &Layer) {
        let found = layer.run(&self.inputs);
        assert_eq!(found.len(), self.results.len(), "{what}");
        let n = found.len() / self.rows;
        let samples = found.chunks(n).zip(self.results.chunks(n)).enumerate();
        for (row, (found, expected)) in samples {
            let inputs = self.inputs.iter().map(|x| &x[row * (x.len() / self.rows)..][..x.len() / self.rows]);
            assert_eq!(found, expected, "{what}, row {row}, inputs {:?}", inputs.collect::<Vec<_>>());
        }
    }
}

#[test]
fn layers_give_the_bits_of_the_reference() {
    let (text, whole) = vectors("kernel_vectors.txt.gz");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut batches: BTreeMap<String, (Layer, Batch)> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once(' ').expect("a name and values");
        if KINDS.iter().any(|(kind, ..)| *kind == name) {
            *counts.entry(name).or_default() += 1;
            add(&mut batches, name, rest);
        } else {
            assert!(LEFT_OUT.iter().any(|(kind, _)| *kind == name), "{name} is not known");
        }
    }
    for (what, (layer, batch)) in &batches {
        batch.check(what, layer);
    }
    let mut total = 0;
    for &(kind, all, kept) in KINDS {
        let count = counts.get(kind).copied().unwrap_or_default();
        assert_eq!(count, if whole { all } else { kept }, "rows of {kind}");
        eprintln!("{kind}: {count} rows");
        total += count;
    }
    assert_eq!(total, if whole { 26248 } else { 3745 });
    eprintln!("vectors: {total} rows bit-exact, {} kinds left out", LEFT_OUT.len());
}

/// The recorded rows, and whether it is all of them or those of a file that is kept here.
pub(crate) fn vectors(kept: &str) -> (String, bool) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let whole = here.join("../../shared/reference/kernel_vectors.txt.gz");
    let found = whole.exists();
    if !found {
        // Past the capture of tests: what is compared in part must not look like the whole.
        let words = "the whole file of kernel vectors is not at hand: every seventh row is compared";
        writeln!(std::io::stderr(), "{words}").expect("standard error is open");
    }
    let path = if found { whole } else { here.join("tests/vectors").join(kept) };
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the vectors can be opened");
    GzDecoder::new(file).read_to_string(&mut text).expect("the vectors can be read");
    (text, found)
}

fn add(batches: &mut BTreeMap<String, (Layer, Batch)>, name: &str, rest: &str) {
    let mut groups = rest.split(" | ");
    let first: Vec<&str> = groups.next().expect("a first group").split_whitespace().collect();
    let groups: Vec<Vec<i64>> =
        groups.map(|group| numbers(&group.split_whitespace().collect::<Vec<_>>())).collect();
    let mut put = |what: String, layer: &dyn Fn() -> Layer, inputs: &[&[i64]], results: &[i64]| {
        let (_, batch) = batches.entry(what).or_insert_with(|| (layer(), Batch::default()));
        batch.add(inputs, results);
    };
    match name {
        "dense" => {
            let (layer, x) = dense(&first, &groups);
            put(format!("dense {rest}"), &|| layer.clone(), &[&x], &groups[2]);
        }
        "dw" => {
            let layer = || depthwise(first[0], &groups);
            put(format!("dw {rest}"), &layer, &[&numbers(&first[1..])], &groups[2]);
        }
        "bn" => {
            let layer = || {
                Layer::new(BatchNorm, &[2, 3], format("fixed<8,4>"), format("fixed<10,5,RND_CONV,SAT>"))
                    .stores(Slot::Scale, &[3], format("fixed<10,3>"), groups[0].clone())
                    .stores(Slot::Bias, &[3], format("fixed<9,4>"), groups[1].clone())
            };
            put(format!("bn {rest}"), &layer, &[&numbers(&first)], &groups[2]);
        }
        "merge" => {
            let (a, b) = match first[0] {
                "ss" => ("fixed<8,3>", "fixed<7,2>"),
                "su" => ("fixed<8,3>", "ufixed<7,2>"),
                "us" => ("ufixed<6,3>", "fixed<8,3>"),
                _ => ("ufixed<8,3>", "ufixed<7,2>"),
            };
            let x = numbers(&first[1..]);
            for (op, &y) in MERGES.into_iter().zip(&groups[0]) {
                let layer = || {
                    let mut layer = Layer::new(Merge { op }, &[1], format(a), format("fixed<9,5,RND,SAT>"));
                    layer.inputs.push((vec![1], format(b)));
                    layer
                };
                put(format!("{op:?} {}", first[0]), &layer, &[&x[..1], &x[1..]], &[y]);
            }
        }
        _ if name.starts_with("softmax_") => {
            let (n, size) = (number(first[1]), number(first[2]));
            let layer = || softmax(name, input_format(first[0]), n, size);
            put(format!("{name} {} {n} {size}", first[0]), &layer, &[&numbers(&first[3..])], &groups[0]);
        }
        _ => {
            let size = number(first[1]);
            let values = numbers(&first[2..]);
            let layer = || activation(name.trim_start_matches("stream_"), input_format(first[0]), size);
            put(format!("{name} {} {size}", first[0]), &layer, &[&values[..1]], &values[1..]);
        }
    }
}

const MERGES: [MergeOp; 6] = [
    MergeOp::Add,
    MergeOp::Subtract,
    MergeOp::Multiply,
    MergeOp::Average,
    MergeOp::Maximum,
    MergeOp::Minimum,
];

pub(crate) fn numbers(words: &[&str]) -> Vec<i64> {
    words.iter().map(|word| word.parse().expect("a number")).collect()
}

fn number(word: &str) -> usize {
    word.parse().expect("a number")
}

pub(crate) fn input_format(name: &str) -> Format {
    format(match name {
        "d_t" => "fixed<10,5>",
        "u_t" => "ufixed<9,4>",
        "big_t" => "fixed<6,9>",
        "r_t" => "fixed<16,6>",
        _ => panic!("{name} is not known"),
    })
}

pub(crate) fn activation(name: &str, x: Format, table_size: usize) -> Layer {
    let table = format("fixed<18,8>");
    let layer = |op: Op| Layer::new(op, &[1], x, format("fixed<16,6>"));
    let from_table =
        |function| layer(TableActivation { function, table_size }.into()).format(Slot::Table, table);
    let hard = |tanh| {
        layer(Hard { tanh, slope: 0.2, shift: 0.5 }.into())
            .format(Slot::Slope, format("ufixed<16,0>"))
            .format(Slot::Shift, format("ufixed<2,0>"))
    };
    match name {
        "relu" => layer(Relu { max: None }.into()),
        "relu1" => layer(Relu { max: Some(1.0) }.into()),
        "relu6" => layer(Relu { max: Some(6.0) }.into()),
        "leaky_relu" => layer(LeakyRelu { alpha: 0.3 }.into()).format(Slot::Alpha, format("ufixed<8,-1>")),
        "elu" => layer(Elu { alpha: 1.0, table_size }.into()).format(Slot::Table, table),
        "selu" => from_table(Function::Selu),
        "sigmoid" => from_table(Function::Sigmoid),
        "tanh" => from_table(Function::Tanh),
        "softplus" => from_table(Function::Softplus),
        "softsign" => from_table(Function::Softsign),
        "hard_sigmoid" => hard(false),
        "hard_tanh" => hard(true),
        _ => panic!("{name} is not known"),
    }
}

fn softmax(name: &str, x: Format, n: usize, table_size: usize) -> Layer {
    let implementation = match name {
        "softmax_stable" => Implementation::Stable,
        "softmax_latency" => Implementation::Latency,
        "softmax_legacy" => Implementation::Legacy,
        _ => Implementation::Argmax,
    };
    let all = format("fixed<18,8,RND,SAT>");
    let norm = Format::ufixed(x.width - 1, x.int_bits - 1);
    let op = Softmax { implementation, table_size, ..Softmax::default() };
    let mut layer = Layer::new(op, &[n], x, format("fixed<16,6>"));
    match implementation {
        Implementation::Stable | Implementation::Latency => {
            for slot in [Slot::ExpTable, Slot::InvTable, Slot::Accum, Slot::InvInput] {
                layer = layer.format(slot, all);
            }
            if implementation == Implementation::Stable {
                layer = layer.format(Slot::InputNorm, norm);
            }
        }
        Implementation::Legacy => layer = layer.format(Slot::Table, format("fixed<18,8>")),
        Implementation::Argmax => {}
    }
    layer
}

pub(crate) fn accum_format(tag: &str) -> Format {
    format(match tag {
        "as" => "fixed<11,6,RND_CONV,SAT>",
        "az" => "fixed<11,6,TRN_ZERO,SAT_SYM>",
        "aw" => "fixed<10,5>",
        "ay" => "fixed<12,4,RND,SAT_ZERO>",
        "a12" => "fixed<12,6>",
        _ => panic!("{tag} is not known"),
    })
}

/// One window of four positions over three channels.
fn depthwise(accum: &str, groups: &[Vec<i64>]) -> Layer {
    let mut conv = Conv::depthwise(1);
    conv.sliding.kernel = vec![4];
    Layer::new(conv, &[4, 3], format("fixed<8,3>"), format("fixed<9,5,RND,SAT>"))
        .stores(Slot::Weight, &[4, 3], format("fixed<7,2>"), groups[0].clone())
        .stores(Slot::Bias, &[3], format("fixed<9,3>"), groups[1].clone())
        .format(Slot::Accum, accum_format(accum))
}

/// The layer of a case and its input. In memory, the strategy `resource` has the weights of an output together.
fn dense(first: &[&str], groups: &[Vec<i64>]) -> (Layer, Vec<i64>) {
    let (mode, n_in, n_out, rf) = (first[0], number(first[1]), number(first[2]), number(first[3]));
    let accum = accum_format(first[4]);
    let memory = &groups[0];
    let resource = mode != "0";
    let at = |i: usize, j: usize| if resource { memory[j * n_in + i] } else { memory[i * n_out + j] };
    let weight = (0..n_in * n_out).map(|k| at(k / n_out, k % n_out)).collect();
    let mut layer =
        Layer::new(Dense { units: n_out }, &[n_in], format("fixed<8,3>"), format("fixed<9,5,RND,SAT>"))
            .stores(Slot::Weight, &[n_in, n_out], format("fixed<7,2>"), weight)
            .stores(Slot::Bias, &[n_out], format("fixed<9,3>"), groups[1].clone())
            .format(Slot::Accum, accum);
    layer.arranged = resource.then_some((Strategy::Resource, rf));
    (layer, numbers(&first[5..]))
}
