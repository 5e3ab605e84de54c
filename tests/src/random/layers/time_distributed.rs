//! A layer that is applied to every step of the first axis.

use hls4rs_ir::Op;
use hls4rs_ir::ops::TimeDistributed;

use super::{Growing, Proposal, all, data};

/// Any layer that reads one tensor, on the steps of a tensor.
pub(super) fn time_distributed(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let ranks: Vec<_> = (0..growing.sketch.parts.len()).map(|at| growing.facts(at).1.rank()).collect();
    if ranks.iter().all(|&rank| rank == 1) || growing.rng.chance(30) {
        let rank = growing.rng.between(2, 4) as usize;
        return data::reshaped(growing, rank);
    }
    let inside: Vec<_> = all().filter(|(inside, ..)| *inside != keyword).copied().collect();
    let wished = growing.strategy.unwrap_or_default();
    let has = |keyword| Op::from_keyword(keyword).is_some_and(|op| op.layer().strategies().contains(&wished));
    let inside: Vec<_> = inside.into_iter().filter(|(inside, ..)| has(inside)).collect();
    let (inside, _, generator) = growing.rng.pick(&inside);
    growing.steps = true;
    let proposal = generator(growing, inside);
    growing.steps = false;
    let (mut spec, inputs) = proposal?;
    if inputs.len() != 1 {
        return None;
    }
    spec.op = TimeDistributed::new(spec.op).into();
    Some((spec, inputs))
}
