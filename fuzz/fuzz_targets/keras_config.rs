//! Configurations of models, with the weights of a sound one.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod archive;

/// A file with values for one dense layer.
const WEIGHTS: &[u8] = include_bytes!("dense.weights.h5");

fuzz_target!(|config: &[u8]| {
    let _ = hls4rs::frontends::keras::read_bytes("model.keras", archive::archive(config, WEIGHTS));
});
