//! Random networks.

use std::collections::BTreeSet;

use hls4rs_ir::{Op, Strategy};
use hls4rs_tests::random::{network, samples};
use hls4rs_tests::rng::Rng;

#[test]
fn the_same_seed_gives_the_same_networks() {
    for n in 0..20 {
        let (a, b) = (network(3, n, &|_| true, true), network(3, n, &|_| true, true));
        assert_eq!(a.graph(), b.graph());
        assert_eq!(samples(&a, &mut Rng::new(1), 9), samples(&b, &mut Rng::new(1), 9));
    }
}

#[test]
fn every_layer_strategy_and_mode_is_met() {
    let mut layers = BTreeSet::new();
    let mut modes = BTreeSet::new();
    for n in 0..400 {
        let network = network(7, n, &|_| true, true);
        for (_, node, facts) in network.iter() {
            let strategy = if node.strategy == Strategy::Resource { " resource" } else { "" };
            let mode = match &node.op {
                Op::Softmax(softmax) => format!(" {:?}", softmax.implementation),
                _ => String::new(),
            };
            layers.insert(format!("{}{mode}{strategy}", node.op.layer().keyword()));
            modes.extend(facts.formats.iter().map(|(_, f)| format!("{:?}", f.rounding)));
            modes.extend(facts.formats.iter().map(|(_, f)| format!("{:?}", f.overflow)));
        }
    }
    for keyword in Op::KEYWORDS {
        assert!(layers.iter().any(|layer| layer.starts_with(keyword)), "no `{keyword}` in {layers:?}");
    }
    for layer in ["dense resource", "softmax Stable", "softmax Latency", "softmax Legacy", "softmax Argmax"] {
        assert!(layers.contains(layer), "no `{layer}` in {layers:?}");
    }
    for mode in ["TrnZero", "RndConv", "RndConvOdd", "Sat", "SatZero", "SatSym", "Wrap(1)", "WrapSm(0)"] {
        assert!(modes.contains(mode), "no `{mode}` in {modes:?}");
    }
}
