//! Cases that are known to differ, each with its reason.

use std::collections::BTreeMap;

use crate::{Error, host};

/// The list, from the root of the workspace: a case and a reason in every line, `#` for comments.
pub(super) const FILE: &str = "tests/golden_exceptions.txt";

/// Cases that are expected to differ.
#[derive(Debug, Default)]
pub(super) struct Exceptions(BTreeMap<String, String>);

impl Exceptions {
    /// Why a case differs, if it is known to.
    pub(super) fn reason(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

/// Reads the list.
///
/// # Errors
/// If it cannot be read, or a line has no reason.
pub(super) fn read() -> Result<Exceptions, Error> {
    let text = host::read(&host::root().join(FILE))?;
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| match line.split_once(' ') {
        Some((id, reason)) => Ok((id.to_owned(), reason.trim().to_owned())),
        None => Err(Error::malformed(FILE, format!("`{line}` has no reason"))),
    };
    lines.map(entry).collect::<Result<_, _>>().map(Exceptions)
}
