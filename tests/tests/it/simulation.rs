//! The engine against the oracle, which shares none of its code.

use hls4rs_tests::random::{network, samples};
use hls4rs_tests::rng::Rng;
use hls4rs_tests::simulate::Simulation;
use hls4rs_tests::{oracle, sketch};

const SEED: u64 = 11;

#[test]
fn the_engine_agrees_with_the_oracle() {
    for n in 0..150 {
        let network = network(SEED, n, &|_| true, true);
        let samples = samples(&network, &mut Rng::of(SEED, n as u64), 40);
        let found = Simulation::new(&network).raw(&samples);
        for (sample, found) in samples.iter().zip(found) {
            let expected = oracle::outputs(&network, sample);
            assert_eq!(
                found,
                expected,
                "network {n} of seed {SEED}, inputs {sample:?}: {:#?}",
                network.graph()
            );
        }
    }
}

#[test]
fn results_stay_in_their_proved_ranges() {
    for n in 0..150 {
        let network = network(SEED + 1, n, &|_| true, true).for_any_input();
        for sample in samples(&network, &mut Rng::of(SEED, n as u64), 40) {
            let outputs = oracle::outputs(&network, &sample);
            for (&id, values) in network.graph().outputs().iter().zip(outputs) {
                for (range, value) in network.facts(id).range.elements.iter().zip(values) {
                    let value = hls4rs_fixed::Wide::from_i128(value);
                    let name = &network.graph().node(id).name;
                    assert!(
                        range.lo <= value && value <= range.hi,
                        "network {n}, `{name}`: {value} not in {range:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_network_survives_being_taken_apart() {
    for n in 0..50 {
        let network = network(SEED + 2, n, &|_| true, true);
        let again = sketch::Sketch::of(network.graph()).build().expect("sound as before");
        assert_eq!(network.graph(), again.graph());
    }
}

#[test]
fn a_saved_network_is_the_same_when_it_is_loaded() {
    for n in 0..50 {
        let network = network(SEED + 3, n, &|_| true, true);
        let text = network.graph().to_json();
        let again = hls4rs_ir::Graph::from_json(&text).expect("sound as before");
        assert_eq!(*network.graph(), again);
    }
}
