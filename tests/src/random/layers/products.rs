//! Tensor products and layer normalization.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Shape, Slot, Strategy};

use super::{Proposal, ask, store};
use crate::ops::{make, number, size};
use crate::random::Growing;
use hls4rs_ir::NodeSpec;

/// The letters `from` on.
fn letters(from: char, count: usize) -> String {
    (from..='z').take(count).collect()
}

/// The letters in another order.
fn shuffled(growing: &mut Growing<'_>, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    for at in (1..letters.len()).rev() {
        letters.swap(at, growing.rng.below(at + 1));
    }
    letters.into_iter().collect()
}

fn asked(growing: &mut Growing<'_>, spec: &mut NodeSpec, product: Format) {
    let sum = Format { int_bits: product.int_bits + 2, width: product.width + 2, signed: true, ..product };
    if spec.strategy != Strategy::DistributedArithmetic {
        ask(growing, spec, Slot::Accum, sum);
    }
    let accum = spec.precision.get(Slot::Accum).and_then(|p| p.format()).unwrap_or(sum);
    ask(growing, spec, Slot::Result, accum);
}

/// Two tensors whose letters fit: some shared ones are summed, others go along.
pub(super) fn einsum(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let (a, b) = (growing.source(), growing.source());
    let ((fa, a_shape), (fb, b_shape)) = (growing.facts(a), growing.facts(b));
    let of_a = letters('a', a_shape.rank());
    let mut free = 'n'..='z';
    let mut of_b = String::new();
    for &extent in b_shape.iter() {
        let same = of_a.chars().zip(a_shape.iter()).find(|(c, e)| **e == extent && !of_b.contains(*c));
        let shared = same.filter(|_| growing.rng.chance(80)).map(|(c, _)| c);
        of_b.push(shared.or_else(|| free.next())?);
    }
    let mut result = String::new();
    for c in of_a.chars().chain(of_b.chars()) {
        let shared = of_a.contains(c) && of_b.contains(c);
        if !result.contains(c) && (!shared || growing.rng.chance(40)) {
            result.push(c);
        }
    }
    let elements: usize = result
        .chars()
        .map(|c| {
            let of = |word: &str, shape: &Shape| word.chars().position(|l| l == c).map(|at| shape[at]);
            of(&of_a, &a_shape).or_else(|| of(&of_b, &b_shape)).unwrap_or(1)
        })
        .product();
    if elements > 64 {
        return None;
    }
    let result = shuffled(growing, &result);
    let equation = AttrValue::Text(format!("{of_a},{of_b}->{result}"));
    let mut spec = NodeSpec::new("", make(keyword, &[("equation", equation)]).ok()?, &[]);
    asked(growing, &mut spec, fa.product(fb));
    spec.reuse_factor = growing.rng.between(1, elements.min(4) as i64) as usize;
    Some((spec, vec![a, b]))
}

/// A matrix times one that fits, or the square of a square one after a reshape.
pub(super) fn matmul(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let a = growing.source();
    let (fa, shape) = growing.facts(a);
    let fits = |growing: &Growing<'_>, b: &usize| {
        let (_, other) = growing.facts(*b);
        let rank = shape.rank();
        rank >= 2
            && other.rank() == rank
            && other[..rank - 2] == shape[..rank - 2]
            && other[rank - 2] == shape[rank - 1]
    };
    let others: Vec<_> = (0..growing.sketch.parts.len()).filter(|b| fits(growing, b)).collect();
    if others.is_empty() {
        // Another shape: square if that is possible, else a row or a column, which fit each other.
        let n = shape.elements();
        let side = (1..=n).find(|side| side * side >= n)?;
        let extents = if side * side == n {
            [side, side]
        } else if growing.rng.chance(50) {
            [n, 1]
        } else {
            [1, n]
        };
        if shape[..] == extents || n > 24 {
            return None;
        }
        let list = AttrValue::List(extents.iter().map(|&n| n as f64).collect());
        return super::node(growing, make("reshape", &[("shape", list)]).ok()?, vec![a], fa);
    }
    let b = growing.rng.pick(&others);
    let fb = growing.facts(b).0;
    let mut spec = NodeSpec::new("", make(keyword, &[]).ok()?, &[]);
    asked(growing, &mut spec, fa.product(fb));
    Some((spec, vec![a, b]))
}

pub(super) fn einsum_dense(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    let of_x = letters('a', shape.rank());
    let free = letters('n', growing.rng.between(0, 2) as usize);
    let (mut weight, mut result) = (String::new(), String::new());
    for c in of_x.chars() {
        match growing.rng.below(3) {
            0 => weight.push(c),
            1 => result.push(c),
            _ => {
                weight.push(c);
                result.push(c);
            }
        }
    }
    weight.push_str(&free);
    result.push_str(&free);
    let (weight, result) = (shuffled(growing, &weight), shuffled(growing, &result));
    let free_extents: Vec<usize> = (0..2).map(|_| growing.rng.between(1, 4) as usize).collect();
    let extent = |c: char| match of_x.find(c) {
        Some(at) => shape[at],
        None => free_extents[usize::from(c == 'o')],
    };
    let extents = |word: &str| word.chars().map(extent).collect::<Vec<_>>();
    let y = Shape::new(&extents(&result)).ok()?;
    if y.elements() > 64 {
        return None;
    }
    let equation = AttrValue::Text(format!("{of_x},{weight}->{result}"));
    let list = AttrValue::List(y.iter().map(|&n| n as f64).collect());
    let op = make(keyword, &[("equation", equation), ("shape", list)]).ok()?;
    let mut spec = NodeSpec::new("", op, &[]);
    spec.strategy = growing.strategy.unwrap_or_default();
    let asked_of = store(growing, &mut spec, Slot::Weight, Shape::new(&extents(&weight)).ok()?)?;
    if growing.rng.chance(70) {
        let spread = |&extent: &usize| if growing.rng.chance(30) { 1 } else { extent };
        let of = Shape::new(&y.iter().map(spread).collect::<Vec<_>>()).ok()?;
        store(growing, &mut spec, Slot::Bias, of)?;
    }
    asked(growing, &mut spec, x.product(asked_of.format().unwrap_or(Format::fixed(6, 2))));
    Some((spec, vec![at]))
}

pub(super) fn layer_norm(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    if x.width > 30 {
        return None;
    }
    let attrs = [
        ("epsilon", number(growing.rng.pick(&[0.1, 0.001, 0.001, 1e-5]))),
        ("table_size", size(growing.rng.pick(&[64, 100, 1024, 4096]))),
        ("table_range_power2", number(growing.rng.between(0, 3) as f64)),
    ];
    let mut spec = NodeSpec::new("", make(keyword, &attrs).ok()?, &[]);
    let row = Shape::new(&[shape.channels()]).ok()?;
    store(growing, &mut spec, Slot::Scale, row.clone())?;
    if growing.rng.chance(75) {
        store(growing, &mut spec, Slot::Bias, row)?;
    }
    ask(growing, &mut spec, Slot::Accum, Format::fixed(16, x.int_bits.clamp(2, 10) + 2));
    ask(growing, &mut spec, Slot::Table, Format::ufixed(12, 5));
    ask(growing, &mut spec, Slot::Result, Format::fixed(16, 6));
    Some((spec, vec![at]))
}
