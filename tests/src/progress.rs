//! Signs of life on standard error, for work that takes longer than two seconds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts pieces of work, and says now and then how many are done.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    total: usize,
    done: AtomicUsize,
    said: Mutex<Instant>,
}

impl Progress {
    /// Nothing of `total` is done.
    pub fn new(what: &'static str, total: usize) -> Self {
        Self { what, total, done: AtomicUsize::new(0), said: Mutex::new(Instant::now()) }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let Ok(mut said) = self.said.lock() else { return };
        if said.elapsed() > Duration::from_secs(2) {
            *said = Instant::now();
            eprintln!("{}: {done}/{}", self.what, self.total);
        }
    }
}
