//! The jet tagger of Duarte et al. 2018 (JINST 13 P07027), with seeded weights.

use hls4rs::prelude::*;

network! {
    /// Tags LHC jets as gluon, quark, W, Z or top (JINST 13 P07027).
    pub struct JetTagger {
        weights: "jet_tagger/jet_tagger.npz",
        default: Fixed<16, 6, Trn, Sat>,
        reuse_factor: 1,
    }

    input jet: [16] as Fixed<16, 6> in -8.0..8.0;

    let fc1 = dense(jet, 64) { weight: Fixed<8, 1> };
    let h1 = relu(fc1) as UFixed<12, 5, Rnd, Sat>;
    let fc2 = dense(h1, 32) { weight: Fixed<8, 1> };
    let h2 = relu(fc2) as UFixed<12, 6, Rnd, Sat>;
    let fc3 = dense(h2, 32) { weight: Fixed<8, 1> };
    let h3 = relu(fc3) as UFixed<12, 6, Rnd, Sat>;
    let fc4 = dense(h3, 5) { weight: Fixed<8, 1> };

    output probs = softmax(fc4) as UFixed<16, 1>;
}
