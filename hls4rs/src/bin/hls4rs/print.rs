//! Text for people: tables, and messages in colour where a terminal reads them.

use std::error::Error;
use std::io::IsTerminal;

/// Prints an error with its causes.
pub(crate) fn error(error: &dyn Error) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Many errors say their cause themselves.
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    message("error", "31", &text);
}

/// Prints a warning.
pub(crate) fn warning(text: &str) {
    message("warning", "33", text);
}

fn message(kind: &str, colour: &str, text: &str) {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        eprintln!("\x1b[1;{colour}m{kind}\x1b[0m: {text}");
    } else {
        eprintln!("{kind}: {text}");
    }
}

/// Prints rows below a head; columns that begin with a number sign in the head are right-aligned.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) {
    let right: Vec<bool> = head.iter().map(|name| name.starts_with('#')).collect();
    let head: Vec<String> = head.iter().map(|name| name.trim_start_matches('#').to_owned()).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    for row in [&head].into_iter().chain(rows) {
        let cells = row.iter().zip(&widths).zip(&right).map(|((cell, width), right)| {
            if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A number with a comma between groups of three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    groups.iter().map(|group| String::from_utf8_lossy(group)).collect::<Vec<_>>().join(",")
}

/// Something under way, shown on a terminal until it is dropped.
pub(crate) fn progress(what: impl Into<std::borrow::Cow<'static, str>>) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner()
        .with_message(what)
        .with_finish(indicatif::ProgressFinish::AndClear);
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}
