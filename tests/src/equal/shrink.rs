//! From a network that shows a difference to a small one that still does.

use hls4rs_fixed::Format;
use hls4rs_ir::ops::Input;
use hls4rs_ir::{NodeSpec, Op, Precision, Resolved, Shape, Slot};

use crate::sketch::{Part, Sketch};

/// The smallest network that is found in so many tries for which `differs` is still true.
pub(super) fn shrink(network: &Resolved, most: usize, differs: &dyn Fn(&Resolved) -> bool) -> Resolved {
    let mut best = network.clone();
    let mut tries = 0;
    // Every success starts over, so that cuts that were not possible before get another chance.
    'again: loop {
        for candidate in candidates(&best) {
            let Ok(smaller) = candidate.build() else { continue };
            if tries == most {
                return best;
            }
            tries += 1;
            if differs(&smaller) {
                best = smaller;
                continue 'again;
            }
        }
        return best;
    }
}

/// Networks that are smaller in one respect, the greatest cuts first.
fn candidates(network: &Resolved) -> Vec<Sketch> {
    let sketch = Sketch::of(network.graph());
    let mut all = Vec::new();
    let inputs = network.graph().inputs().count();
    for at in inputs..sketch.parts.len() {
        let cut = Sketch { outputs: vec![at], ..sketch.clone() }.pruned();
        if cut.parts.len() < sketch.parts.len() || cut.outputs.len() < sketch.outputs.len() {
            all.push(cut);
        }
    }
    all.extend((inputs..sketch.parts.len()).rev().filter_map(|at| replaced_by_input(network, &sketch, at)));
    for (at, part) in sketch.parts.iter().enumerate() {
        for &instead in &part.inputs {
            all.push(sketch.redirected(at, instead));
        }
    }
    all.extend((0..sketch.parts.len()).flat_map(|at| narrower(&sketch, at)));
    all.extend((0..sketch.parts.len()).filter_map(|at| unrolled(&sketch, at)));
    all
}

/// The network from node `at` on: an input of its format stands in its place.
fn replaced_by_input(network: &Resolved, sketch: &Sketch, at: usize) -> Option<Sketch> {
    let (_, node, facts) = network.iter().nth(at)?;
    let format = facts.result();
    if sketch.outputs.contains(&at) || format.width > 48 {
        return None;
    }
    let mut spec = input(&node.name, node.shape.clone(), format);
    spec.name = format!("{}_in", node.name);
    let mut changed = sketch.clone();
    changed.parts[at] = Part { spec, inputs: Vec::new() };
    Some(changed.pruned())
}

fn input(name: &str, shape: Shape, format: Format) -> NodeSpec {
    let mut spec = NodeSpec::new(name, Input { shape, range: None }, &[]);
    spec.precision.set(Slot::Result, Precision::MayWrap(format));
    spec
}

/// Node `at` with fewer elements: one, or half of them.
fn narrower(sketch: &Sketch, at: usize) -> Vec<Sketch> {
    let with = |op: Op| {
        let mut changed = sketch.clone();
        changed.parts[at].spec.op = op;
        changed
    };
    let smaller = |n: usize| [1, n / 2].into_iter().filter(move |&m| m > 0 && m < n);
    match &sketch.parts[at].spec.op {
        Op::Input(input) => (0..input.shape.rank())
            .flat_map(|axis| smaller(input.shape[axis]).map(move |extent| (axis, extent)))
            .filter_map(|(axis, extent)| {
                let mut extents = input.shape.to_vec();
                extents[axis] = extent;
                let shape = Shape::new(&extents).ok()?;
                Some(with(Input { shape, range: None }.into()))
            })
            .collect(),
        Op::Dense(dense) => smaller(dense.units)
            .map(|units| {
                let mut dense = dense.clone();
                dense.units = units;
                with(dense.into())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Node `at` without sharing of its multipliers.
fn unrolled(sketch: &Sketch, at: usize) -> Option<Sketch> {
    let mut changed = sketch.clone();
    let spec = &mut changed.parts[at].spec;
    if spec.reuse_factor == 1 {
        return None;
    }
    spec.reuse_factor = 1;
    Some(changed)
}
