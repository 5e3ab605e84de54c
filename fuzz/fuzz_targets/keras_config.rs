//! Configurations of models, with the weights of a sound one.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod archive;
mod bounded;

/// A file with values for one dense layer.
const WEIGHTS: &[u8] = include_bytes!("dense.weights.h5");

fuzz_target!(|config: &[u8]| {
    let bytes = archive::archive(config, WEIGHTS);
    let size = bytes.len();
    bounded::read("model.keras", bytes, size);
});
