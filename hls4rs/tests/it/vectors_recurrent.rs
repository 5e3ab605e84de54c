//! Recurrent layers against values that the reference's C++ templates have printed.
//!
//! The whole file of the reference is used where it is at hand, else every seventh row of it.

use std::collections::BTreeMap;

use hls4rs::ir::Slot;
use hls4rs::ir::ops::{Cell, GateOrder, Recurrent};

use crate::nets::{Layer, format};
use crate::vectors::{Batch, numbers, vectors};

/// The kinds that are checked, with their rows in the whole file and in the part that is kept here.
const KINDS: &[(&str, usize, usize)] = &[("gru", 80, 12), ("grup", 80, 12), ("lstm", 80, 12)];

const STEPS: usize = 4;
const N_IN: usize = 3;
const UNITS: usize = 2;

#[test]
fn recurrent_layers_give_the_bits_of_the_reference() {
    let (text, whole) = vectors("recurrent_vectors.txt.gz");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        if KINDS.iter().any(|(kind, ..)| *kind == name) {
            *counts.entry(name).or_default() += 1;
            check(name, rest);
        }
    }
    for &(kind, all, kept) in KINDS {
        let count = counts.get(kind).copied().unwrap_or_default();
        assert_eq!(count, if whole { all } else { kept }, "rows of {kind}");
        eprintln!("{kind}: {count} rows");
    }
}

/// One row: accumulator and inputs, weights of input and state, both biases, the states of all steps.
fn check(name: &str, rest: &str) {
    let groups: Vec<Vec<&str>> = rest.split(" | ").map(|group| group.split_whitespace().collect()).collect();
    let accum = format(match groups[0][0] {
        "16,6" => "fixed<16,6>",
        "11,5rs" => "fixed<11,5,RND,SAT>",
        other => panic!("{other} is not known"),
    });
    let cell = match name {
        "lstm" => Cell::Lstm,
        "gru" => Cell::gru(),
        _ => Cell::Gru { reset_after: true, order: GateOrder::Pytorch },
    };
    let (x, state) =
        if name == "lstm" { (accum, accum) } else { (format("fixed<8,3>"), format("fixed<12,4>")) };
    let columns = cell.gates() * UNITS;
    let op = Recurrent { units: UNITS, return_sequences: true, ..Recurrent::new(cell) };
    let (weight, bias) = (format("fixed<7,2>"), format("fixed<9,3>"));
    let layer = Layer::new(op, &[STEPS, N_IN], x, state)
        .stores(Slot::Weight, &[N_IN, columns], weight, numbers(&groups[1]))
        .stores(Slot::RecurrentWeight, &[UNITS, columns], weight, numbers(&groups[2]))
        .stores(Slot::Bias, &[columns], bias, numbers(&groups[3]))
        .stores(Slot::RecurrentBias, &[columns], bias, numbers(&groups[4]))
        .format(Slot::Accum, accum)
        .format(Slot::Table, format("fixed<18,8>"))
        .format(Slot::RecurrentTable, format("fixed<18,8>"));
    let mut batch = Batch::default();
    batch.add(&[&numbers(&groups[0][1..])], &numbers(&groups[5]));
    batch.check(&format!("{name} {rest}"), &layer);
}
