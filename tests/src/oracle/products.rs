//! Layer normalization; tensor products, by looking at the letters of the equation.

use std::collections::BTreeMap;

use hls4rs_fixed::{Format, Wide, from_f64};
use hls4rs_ir::ops::{Einsum, EinsumDense, LayerNorm};
use hls4rs_ir::{Facts, Shape, Slot};

use super::{Value, at};

/// A tensor with a letter for each axis.
struct Operand<'a> {
    letters: String,
    shape: &'a Shape,
}

impl Operand<'_> {
    fn position(&self, letters: &BTreeMap<char, usize>) -> usize {
        self.letters.chars().zip(self.shape.iter()).fold(0, |at, (c, extent)| at * extent + letters[&c])
    }
}

/// Calls `f` with every choice of steps along `letters`, the last one fastest.
fn each(
    letters: &[(char, usize)],
    chosen: &mut BTreeMap<char, usize>,
    f: &mut dyn FnMut(&BTreeMap<char, usize>),
) {
    let Some(&(letter, extent)) = letters.first() else { return f(chosen) };
    for step in 0..extent {
        chosen.insert(letter, step);
        each(&letters[1..], chosen, f);
    }
}

/// For every element of the result the positions of its products.
fn products(equation: &str, a: &Shape, b: &Shape) -> Vec<Vec<(usize, usize)>> {
    let plain: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (operands, result) = plain.split_once("->").expect("checked");
    let (of_a, of_b) = operands.split_once(',').expect("checked");
    let a = Operand { letters: of_a.to_owned(), shape: a };
    let b = Operand { letters: of_b.to_owned(), shape: b };
    let extents: BTreeMap<char, usize> =
        [&a, &b].iter().flat_map(|o| o.letters.chars().zip(o.shape.iter().copied())).collect();
    let sized = |c: char| (c, extents[&c]);
    let outer: Vec<_> = result.chars().map(sized).collect();
    let inner: Vec<_> = of_a.chars().filter(|c| !result.contains(*c)).map(sized).collect();
    let mut elements = Vec::new();
    each(&outer, &mut BTreeMap::new(), &mut |chosen| {
        let mut pairs = Vec::new();
        each(&inner, &mut chosen.clone(), &mut |all| pairs.push((a.position(all), b.position(all))));
        elements.push(pairs);
    });
    elements
}

/// Exact products that are added one by one.
pub(super) fn einsum(op: &Einsum, facts: &Facts, shapes: &[&Shape], a: &[Value], b: &[Value]) -> Vec<Value> {
    let others = shapes[0].rank().saturating_sub(2);
    let others: String = ('a'..='j').take(others).collect();
    let matrices = format!("{others}xy,{others}yz->{others}xz");
    let equation = op.equation.as_ref().unwrap_or(&matrices);
    let accum = facts.format(Slot::Accum);
    let none = Value { raw: Wide::ZERO, format: accum };
    let sum = |pairs: &Vec<(usize, usize)>| {
        pairs.iter().fold(none, |sum, &(i, j)| sum.plus(a[i].times(b[j])).cast(accum)).cast(facts.result())
    };
    products(equation, shapes[0], shapes[1]).iter().map(sum).collect()
}

/// Products that are cast before they are added.
pub(super) fn einsum_dense(op: &EinsumDense, facts: &Facts, shape: &Shape, x: &[Value]) -> Vec<Value> {
    let (accum, weight) = (facts.format(Slot::Accum), facts.constant(Slot::Weight));
    let none = Value { raw: Wide::ZERO, format: accum };
    let sum = |(n, pairs): (usize, &Vec<(usize, usize)>)| {
        let bias = facts.constants.get(Slot::Bias).map_or(none, |bias| at(bias, n).cast(accum));
        let term = |&(i, j): &(usize, usize)| x[i].times(at(weight, j)).cast(accum);
        pairs.iter().fold(bias, |sum, pair| sum.plus(term(pair)).cast(accum)).cast(facts.result())
    };
    products(&op.equation, shape, &weight.shape).iter().enumerate().map(sum).collect()
}

/// Everything up to the variance in the accumulator's format, step by step.
pub(super) fn layer_norm(op: &LayerNorm, facts: &Facts, n: usize, x: &[Value]) -> Vec<Value> {
    let accum = facts.format(Slot::Accum);
    let none = Value { raw: Wide::ZERO, format: accum };
    let inverse = Value { raw: from_f64(1.0 / n as f64, accum), format: accum };
    let zero = Value { raw: Wide::ZERO, format: Format::uint(1) };
    let row = |row: &[Value]| -> Vec<Value> {
        let row: Vec<_> = row.iter().map(|x| x.cast(accum)).collect();
        let sum = row.iter().fold(none, |sum, &x| sum.plus(x).cast(accum));
        let mean = sum.times(inverse).cast(accum);
        let deviations: Vec<_> = row.iter().map(|x| x.minus(mean).cast(accum)).collect();
        let squares = deviations.iter().map(|d| d.times(*d).cast(accum));
        let variance =
            squares.fold(none, |sum, square| sum.plus(square).cast(accum)).times(inverse).cast(accum);
        let root = at(facts.constant(Slot::Table), op.index(accum).wide(variance.raw));
        let element = |(i, d): (usize, &Value)| {
            let bias = facts.constants.get(Slot::Bias).map_or(zero, |bias| at(bias, i));
            d.times(root).times(at(facts.constant(Slot::Scale), i)).plus(bias).cast(facts.result())
        };
        deviations.iter().enumerate().map(element).collect()
    };
    x.chunks(n).flat_map(row).collect()
}
