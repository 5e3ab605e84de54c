//! Named steps, each timed, and the table at the end.

use std::time::{Duration, Instant};

use hls4rs_tests::{Error, host};

/// How a step has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    Skipped,
}

/// The steps that were run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, End, Duration)>,
}

impl Steps {
    /// Runs a step. Without a tool of the host it is skipped, unless `HLS4RS_REQUIRE_TOOLS=1`.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<bool, Error>) {
        eprintln!("\n--- {name}");
        let start = Instant::now();
        let end = match step() {
            Ok(true) => End::Passed,
            Ok(false) => End::Failed,
            Err(error) => {
                eprintln!("{name}: {error}");
                if error.is_missing_tool() && !host::tools_are_required() {
                    End::Skipped
                } else {
                    End::Failed
                }
            }
        };
        self.done.push((name.to_owned(), end, start.elapsed()));
    }

    /// Prints the table and the line that counts; whether nothing has failed.
    pub(crate) fn finish(self) -> bool {
        println!("\n{:<28} {:>8}  result", "step", "seconds");
        for (name, end, time) in &self.done {
            let end = match end {
                End::Passed => "passed",
                End::Failed => "FAILED",
                End::Skipped => "skipped",
            };
            println!("{name:<28} {:>8.1}  {end}", time.as_secs_f64());
        }
        let count = |end| self.done.iter().filter(|(_, e, _)| *e == end).count();
        let skipped = match count(End::Skipped) {
            0 => String::new(),
            n => format!(", {n} skipped"),
        };
        println!("test: {} passed, {} failed{skipped}", count(End::Passed), count(End::Failed));
        count(End::Failed) == 0
    }
}
