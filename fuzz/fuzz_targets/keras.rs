//! Whole files: `.keras` and `.h5`, told by their first bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod bounded;

fuzz_target!(|bytes: &[u8]| {
    // An archive may unpack to 16 times its size, and to 64 kB in any case.
    let size = if bytes.starts_with(b"PK") { 16 * bytes.len() + (1 << 16) } else { bytes.len() };
    bounded::read("model", bytes.to_vec(), size);
});
