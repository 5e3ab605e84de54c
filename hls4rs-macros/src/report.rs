//! Mistakes, collected and shown once, each at the smallest token that is wrong.

use std::cell::Cell;
use std::fmt::Write;

use hls4rs_fixed::Format;
use hls4rs_ir::attr::nearest;
use proc_macro2::TokenStream;
use syn::Error;

use crate::ast::Spot;

/// Everything that is wrong with one network.
///
/// It must be asked for its errors at the end; to drop it unread is a bug.
pub(crate) struct Report {
    errors: Vec<Error>,
    read: Cell<bool>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { errors: Vec::new(), read: Cell::new(false) }
    }

    /// Adds an error of the parser, or one that was made with [`error`].
    pub(crate) fn syntax(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// Adds a message with a line of help.
    pub(crate) fn add(&mut self, spot: Spot, message: &str, help: Option<&str>) {
        self.errors.push(error(spot, message, &[], help));
    }

    /// Adds a message with notes and a line of help.
    pub(crate) fn add_noted(&mut self, spot: Spot, message: &str, notes: &[String], help: Option<&str>) {
        self.errors.push(error(spot, message, notes, help));
    }

    /// How many errors there are so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }

    /// The errors as `compile_error!`s in the order of the source, or `None` if there are none.
    pub(crate) fn into_errors(self) -> Option<TokenStream> {
        self.read.set(true);
        let mut errors: Vec<Error> = self.errors.iter().flat_map(Error::clone).collect();
        errors.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        errors.into_iter().map(|e| e.into_compile_error()).reduce(|mut all, error| {
            all.extend(error);
            all
        })
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.read.get() && !std::thread::panicking() {
            panic!("a report was dropped without being read");
        }
    }
}

/// An error with its notes and its help, in the layout of rustc.
pub(crate) fn error(spot: Spot, message: &str, notes: &[String], help: Option<&str>) -> Error {
    let mut text = message.to_owned();
    for note in notes {
        write!(text, "\nnote: {note}").expect("a string takes everything");
    }
    if let Some(help) = help {
        write!(text, "\nhelp: {help}").expect("a string takes everything");
    }
    Error::new_spanned(spot, text)
}

/// The error for a word that is none of those allowed: the nearest one, or all of them.
pub(crate) fn unknown(spot: Spot, kind: &str, found: &str, allowed: &[&str]) -> Error {
    error(spot, &format!("unknown {kind} `{found}`"), &[], Some(&suggestion(kind, found, allowed)))
}

/// What was meant instead of an unknown word.
pub(crate) fn suggestion(kind: &str, found: &str, allowed: &[&str]) -> String {
    match nearest(found, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if allowed.is_empty() => format!("there is no {kind} here"),
        None => format!("expected one of {}", list(allowed)),
    }
}

/// Words in backquotes with commas.
pub(crate) fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    words.join(", ")
}

/// A format as it is written in `network!`.
pub(crate) fn spell(format: Format) -> String {
    format.type_name().to_string()
}

/// The overflow modes by their names in `network!`; those with a number are written `WrapN<3>`.
pub(crate) const OVERFLOWS: [&str; 6] = ["Wrap", "Sat", "SatZero", "SatSym", "WrapN", "WrapSm"];
