//! Changed model files take no more memory than their size explains; a program of its own, since it counts what is
//! allocated.

use hls4rs_tests::mutate::{self, Memory};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

#[test]
fn changed_files_do_not_panic_or_hang_or_fill_the_memory() {
    let memory = Memory {
        now: || ALLOCATOR.current_usage(),
        peak: || ALLOCATOR.peak_usage(),
        reset: || ALLOCATOR.reset_peak_usage(),
    };
    assert!(mutate::run(2000, 9, memory).expect("the committed models"));
}
