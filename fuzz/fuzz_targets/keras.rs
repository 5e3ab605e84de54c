//! Whole files: `.keras` and `.h5`, told by their first bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = hls4rs::frontends::keras::read_bytes("model", bytes.to_vec());
});
