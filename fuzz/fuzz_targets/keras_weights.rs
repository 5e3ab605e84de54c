//! Files of weights, with the configuration of a sound model.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod archive;
mod bounded;

/// Two inputs and one dense layer.
const CONFIG: &str = r#"{"class_name": "Sequential", "config": {"name": "net", "layers": [
    {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 2]}},
    {"class_name": "Dense", "config": {"name": "fc", "units": 2, "activation": "relu", "use_bias": true}}
]}}"#;

fuzz_target!(|weights: &[u8]| {
    let bytes = archive::archive(CONFIG.as_bytes(), weights);
    let size = bytes.len();
    bounded::read("model.keras", bytes, size);
});
