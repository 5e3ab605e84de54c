//! Reading a file within the memory that its size explains.

use hls4rs::frontends::{Config, import, keras};
use hls4rs_ir::Io;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The bounds of `cargo xtask mutate`.
const MOST: usize = 50;
const LEAST: usize = 256 << 10;

/// Reads a file, of `size` bytes if it were not packed, and converts what it holds if that is a small network.
pub(crate) fn read(name: &str, bytes: Vec<u8>, size: usize) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let draft = keras::read_bytes(name, bytes);
    let taken = ALLOCATOR.peak_usage().saturating_sub(before);
    // A sound network may be larger than its file.
    assert!(draft.is_ok() || taken <= LEAST.max(MOST * size), "{taken} bytes for a file of {size}");
    if let Ok(draft) = draft
        && draft.shapes().is_ok_and(|shapes| shapes.iter().all(|shape| shape.elements() < 1 << 10))
    {
        let _ = import(draft, &Config::default(), Io::Parallel);
    }
}
