//! Pooling, layers that move values, scalar products.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::attr::AttrValue;

use super::{Growing, Proposal, ask, node};
use crate::ops::{make, number, size, word};

/// The row for each layer.
pub(super) const LAYERS: &[(&str, usize, super::Generator)] = &[
    ("max_pool1d", 3, pool),
    ("max_pool2d", 3, pool),
    ("avg_pool1d", 3, pool),
    ("avg_pool2d", 3, pool),
    ("global_max_pool", 2, global),
    ("global_avg_pool", 2, global),
    ("zero_padding1d", 2, sides),
    ("zero_padding2d", 2, sides),
    ("cropping1d", 2, sides),
    ("cropping2d", 2, sides),
    ("upsample1d", 2, resize),
    ("upsample2d", 2, resize),
    ("resize2d", 2, resize),
    ("transpose", 3, transpose),
    ("repeat_vector", 2, repeat_vector),
    ("broadcast", 2, broadcast),
    ("dot", 2, dot),
];

fn list(values: impl IntoIterator<Item = usize>) -> AttrValue {
    AttrValue::List(values.into_iter().map(|v| v as f64).collect())
}

fn between(growing: &mut Growing<'_>, lo: usize, hi: usize) -> usize {
    growing.rng.between(lo as i64, hi.max(lo) as i64) as usize
}

/// The number of axes that an input of a layer has.
fn rank(keyword: &str) -> usize {
    if keyword.ends_with("1d") { 2 } else { 3 }
}

/// An input with as many axes as the layer takes.
fn image(growing: &mut Growing<'_>, keyword: &str) -> Option<(usize, Format, Vec<usize>)> {
    let rank = rank(keyword);
    let fits: Vec<_> =
        (0..growing.sketch.parts.len()).filter(|&at| growing.facts(at).1.rank() == rank).collect();
    if fits.is_empty() {
        return None;
    }
    let at = growing.rng.pick(&fits);
    let (format, shape) = growing.facts(at);
    Some((at, format, shape.to_vec()))
}

/// Some input as an image or a sequence.
pub(super) fn reshaped(growing: &mut Growing<'_>, rank: usize) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    let mut rest = shape.elements();
    let mut extents = Vec::new();
    for _ in 1..rank {
        let divisors: Vec<_> = (1..=rest).filter(|n| rest % n == 0).collect();
        extents.push(growing.rng.pick(&divisors));
        rest /= extents[extents.len() - 1];
    }
    extents.push(rest);
    node(growing, make("reshape", &[("shape", list(extents))]).ok()?, vec![at], like)
}

fn pool(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let Some((at, like, shape)) = image(growing, keyword) else { return reshaped(growing, rank(keyword)) };
    let dims = &shape[..shape.len() - 1];
    let kernel: Vec<_> = dims.iter().map(|&n| between(growing, 1, n.min(4))).collect();
    let mut attrs = vec![("pool", list(kernel.clone()))];
    if growing.rng.chance(50) {
        attrs.push(("stride", list(dims.iter().map(|_| between(growing, 1, 3)).collect::<Vec<_>>())));
    }
    match growing.rng.below(3) {
        0 => attrs.push(("padding", word("same"))),
        1 => {
            let pad = kernel.iter().flat_map(|&k| [k - 1, k - 1]).collect::<Vec<_>>();
            attrs.push(("pad", list(pad.iter().map(|&most| between(growing, 0, most)).collect::<Vec<_>>())));
        }
        _ => {}
    }
    let mean = keyword.starts_with("avg");
    if mean && growing.rng.chance(50) {
        attrs.push(("count_pad", word("true")));
    }
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], like)?;
    let finer = if mean { 2 } else { 0 };
    ask(growing, &mut spec, Slot::Accum, wider(like, finer));
    Some((spec, inputs))
}

/// A format with so many bits more on both ends.
fn wider(like: Format, bits: i32) -> Format {
    let width = like.width + 2 * bits.unsigned_abs();
    Format { width, int_bits: like.int_bits + bits, ..like }
}

fn global(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let dims = growing.rng.pick(&["1d", "2d"]);
    let Some((at, like, _)) = image(growing, dims) else { return reshaped(growing, rank(dims)) };
    let keepdims = if growing.rng.chance(50) { "true" } else { "false" };
    let attrs = [("keepdims", word(keepdims))];
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], like)?;
    ask(growing, &mut spec, Slot::Accum, wider(like, 2));
    Some((spec, inputs))
}

fn sides(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let Some((at, like, shape)) = image(growing, keyword) else { return reshaped(growing, rank(keyword)) };
    let pads = keyword.starts_with("zero");
    let mut numbers = Vec::new();
    for &extent in &shape[..shape.len() - 1] {
        let before = between(growing, 0, if pads { 2 } else { (extent - 1).min(2) });
        let after = between(growing, 0, if pads { 2 } else { (extent - 1 - before).min(2) });
        numbers.extend([before, after]);
    }
    let name = if pads { "pad" } else { "crop" };
    node(growing, make(keyword, &[(name, list(numbers))]).ok()?, vec![at], like)
}

fn resize(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let Some((at, like, _)) = image(growing, keyword) else { return reshaped(growing, rank(keyword)) };
    let attr = match keyword {
        "resize2d" => ("size", list([between(growing, 1, 9), between(growing, 1, 9)])),
        "upsample2d" if growing.rng.chance(50) => {
            ("factor", list([between(growing, 1, 3), between(growing, 1, 3)]))
        }
        _ => ("factor", size(between(growing, 1, 3))),
    };
    node(growing, make(keyword, &[attr]).ok()?, vec![at], like)
}

fn transpose(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    let mut axes: Vec<_> = (0..shape.rank()).map(|axis| axis as f64).collect();
    for last in (1..axes.len()).rev() {
        axes.swap(last, growing.rng.below(last + 1));
    }
    let attrs = [("axes", AttrValue::List(axes))];
    node(growing, make(keyword, &attrs).ok()?, vec![at], like)
}

fn repeat_vector(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    if shape.rank() != 1 {
        return node(growing, make("flatten", &[]).ok()?, vec![at], like);
    }
    let n = size(between(growing, 1, 4));
    node(growing, make(keyword, &[("n", n)]).ok()?, vec![at], like)
}

fn broadcast(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    let mut extents = Vec::new();
    for _ in shape.rank()..between(growing, shape.rank(), 3) {
        extents.push(between(growing, 1, 3));
    }
    for &extent in shape.iter() {
        extents.push(if extent == 1 { between(growing, 1, 4) } else { extent });
    }
    node(growing, make(keyword, &[("shape", list(extents))]).ok()?, vec![at], like)
}

fn dot(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let a = growing.source();
    let (like, shape) = growing.facts(a);
    if shape.rank() != 1 {
        return node(growing, make("flatten", &[]).ok()?, vec![a], like);
    }
    let same = (0..growing.sketch.parts.len()).filter(|&at| growing.facts(at).1 == shape);
    let same: Vec<_> = same.collect();
    let b = growing.rng.pick(&same);
    let product = like.product(growing.facts(b).0);
    let (mut spec, inputs) = node(growing, make(keyword, &[]).ok()?, vec![a, b], wider(product, 1))?;
    ask(growing, &mut spec, Slot::Accum, wider(product, 1));
    spec.reuse_factor = between(growing, 1, shape.elements());
    Some((spec, inputs))
}

/// An axis of a shape, counted from either end.
pub(super) fn axis(growing: &mut Growing<'_>, rank: usize) -> AttrValue {
    let rank = rank as i64;
    number(growing.rng.between(-rank, rank - 1) as f64)
}
