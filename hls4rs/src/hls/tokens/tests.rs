//! Networks whose branches wait for each other.

use hls4rs_ir::Resolved;

use super::{LEAST_DEPTH, Processes};
use crate::hls::module;

#[path = "../../../tests/emit/skips.rs"]
mod skips;

/// Runs to the end with the depths that were found; with any depth one smaller, it deadlocks.
#[track_caller]
fn depths_are_least(net: &Resolved, skips: &[&str]) {
    let processes = Processes::of(&module(net, None).expect("every layer has C++"));
    let depths = processes.depths();
    assert!(processes.finishes(&depths));
    let mut deep = Vec::new();
    for (queue, name) in processes.queues.iter().enumerate().filter(|(queue, _)| depths[*queue] > LEAST_DEPTH)
    {
        let mut less = depths.clone();
        less[queue] -= 1;
        assert!(!processes.finishes(&less), "`{name}` could be less deep than {}", depths[queue]);
        deep.push(name.as_str());
    }
    for skip in skips {
        assert!(deep.iter().any(|name| name.starts_with(skip)), "`{skip}` is not among {deep:?}");
    }
}

#[test]
fn a_residual_network_runs_with_the_least_depths() {
    depths_are_least(&skips::residual(), &["x_copy"]);
}

#[test]
fn a_u_net_runs_with_the_least_depths() {
    depths_are_least(&skips::u_net(), &["top_out_copy", "middle_out_copy"]);
}

#[test]
fn what_is_too_shallow_is_found_and_deepened() {
    let processes = Processes::of(&module(&skips::residual(), None).expect("every layer has C++"));
    let least = vec![LEAST_DEPTH; processes.queues.len()];
    assert!(!processes.finishes(&least));
}
