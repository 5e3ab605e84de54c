//! The error of the parser, which shows the text and the place without allocating.

use core::fmt;

/// The longest excerpt of the text that an error keeps, in bytes.
const EXCERPT: usize = 64;

/// Why a text is not a [`Format`](crate::Format), and where.
///
/// `Display` prints what was expected, then the text, then a caret under the offending character.
/// Of a text longer than 64 bytes the surroundings of that character are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ParseFormatError {
    expected: &'static str,
    offset: usize,
    /// The length of the offending word or character, 0 at the end of the text.
    found: u8,
    /// Where in the excerpt the offending character is.
    column: u8,
    len: u8,
    excerpt: [u8; EXCERPT],
}

impl ParseFormatError {
    pub(super) fn new(text: &str, offset: usize, found: usize, expected: &'static str) -> ParseFormatError {
        let mut start = offset.saturating_sub(EXCERPT / 2).min(text.len().saturating_sub(EXCERPT));
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let mut end = text.len().min(start + EXCERPT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut excerpt = [0; EXCERPT];
        excerpt[..end - start].copy_from_slice(&text.as_bytes()[start..end]);
        // An offset at most EXCERPT past `start`, so the narrowed numbers are below 65.
        let found = found.min(end - offset) as u8;
        let (column, len) = ((offset - start) as u8, (end - start) as u8);
        ParseFormatError { expected, offset, found, column, len, excerpt }
    }

    /// The byte offset of the offending character; the length of the text where something is missing.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What was expected there, in words.
    pub const fn expected(&self) -> &'static str {
        self.expected
    }

    /// What was found there: a word or a character, empty at the end of the text.
    pub fn found(&self) -> &str {
        let column = usize::from(self.column);
        self.shown().get(column..column + usize::from(self.found)).unwrap_or("")
    }

    /// The first line of the message alone, for callers that show the place themselves.
    pub fn message(&self) -> impl fmt::Display {
        let error = *self;
        fmt::from_fn(move |f| match error.found() {
            "" => write!(f, "expected {}, found the end of the text", error.expected),
            found => write!(f, "expected {}, found `{found}`", error.expected),
        })
    }

    fn shown(&self) -> &str {
        core::str::from_utf8(&self.excerpt[..usize::from(self.len)]).unwrap_or("")
    }
}

impl fmt::Display for ParseFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let before = shown.get(..usize::from(self.column)).unwrap_or("").chars().count();
        write!(f, "{}\n  {shown}\n  {:before$}^", self.message(), "")
    }
}

impl fmt::Debug for ParseFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseFormatError")
            .field("text", &self.shown())
            .field("offset", &self.offset)
            .field("expected", &self.expected)
            .finish()
    }
}

impl core::error::Error for ParseFormatError {}
