//! Reading formats in the field's spellings.

mod error;

pub use error::ParseFormatError;

use core::str::FromStr;

use crate::{Format, FormatError, Overflow, Rounding};

/// Reads the spellings of the field:
///
/// | text | parameters |
/// |---|---|
/// | `fixed< >` `ufixed< >` `ap_fixed< >` `ap_ufixed< >` | `W, I [, Q [, O [, N]]]` |
/// | `int< >` `uint< >` `ap_int< >` `ap_uint< >` | `W` |
/// | `ac_fixed< >` | `W, I [, S [, Q [, O]]]` with `S` one of `true false 1 0`, `true` if missing |
/// | `ac_int< >` | `W [, S]` |
///
/// Blanks are free between words.
/// Letter case does not matter, a mode may have the prefix `AP_` or `AC_`, and underscores within modes may
/// be missing (`RndMinInf`).
///
/// ```
/// use hls4rs_fixed::Format;
///
/// assert_eq!("ac_fixed<16,6,true,AC_RND,AC_SAT>".parse(), "fixed<16,6,RND,SAT>".parse::<Format>());
/// assert_eq!("ap_uint<3>".parse(), Ok(Format::uint(3)));
///
/// let error = "fixed<16,6,RND,SATURATE>".parse::<Format>().unwrap_err();
/// assert_eq!(error.offset(), 15);
/// assert_eq!(
///     error.to_string(),
///     "expected an overflow mode (WRAP, WRAP_SM, SAT, SAT_ZERO, SAT_SYM), found `SATURATE`\n\
///      \x20 fixed<16,6,RND,SATURATE>\n\
///      \x20                ^"
/// );
/// ```
impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Format, ParseFormatError> {
        let mut parser = Parser { text, at: 0 };
        let format = parser.format()?;
        parser.skip_blanks();
        match parser.rest() {
            "" => Ok(format),
            _ => Err(parser.error("the end of the text")),
        }
    }
}

/// The families differ in the parameters between width and modes.
#[derive(Clone, Copy)]
enum Kind {
    Fixed { signed: bool },
    Int { signed: bool },
    AcFixed,
    AcInt,
}

const KINDS: [(&str, Kind); 10] = [
    ("fixed", Kind::Fixed { signed: true }),
    ("ufixed", Kind::Fixed { signed: false }),
    ("int", Kind::Int { signed: true }),
    ("uint", Kind::Int { signed: false }),
    ("ap_fixed", Kind::Fixed { signed: true }),
    ("ap_ufixed", Kind::Fixed { signed: false }),
    ("ap_int", Kind::Int { signed: true }),
    ("ap_uint", Kind::Int { signed: false }),
    ("ac_fixed", Kind::AcFixed),
    ("ac_int", Kind::AcInt),
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn format(&mut self) -> Result<Format, ParseFormatError> {
        let kind = self
            .choice("a format (fixed, ufixed, int, uint, ap_fixed, ..., ac_fixed, ac_int)", |word| {
                KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|&(_, kind)| kind)
            })?;
        self.expect('<', "`<`")?;
        self.skip_blanks();
        let width_at = self.at;
        let width: u32 = self.number("the width")?;
        let mut format = match kind {
            Kind::Fixed { signed } => Format { signed, ..Format::fixed(width, 0) },
            Kind::Int { signed } => Format { signed, ..Format::int(width.min(i32::MAX as u32)) },
            Kind::AcFixed => Format::fixed(width, 0),
            Kind::AcInt => Format::int(width.min(i32::MAX as u32)),
        };
        self.check(format, FormatError::Width, width_at)?;
        if let Kind::Fixed { .. } | Kind::AcFixed = kind {
            self.expect(',', "`,` and the integer bits")?;
            self.skip_blanks();
            let at = self.at;
            format.int_bits = self.number("the integer bits")?;
            self.check(format, FormatError::IntBits, at)?;
        }
        if let Kind::AcFixed | Kind::AcInt = kind
            && self.next_parameter()?
        {
            format.signed = self.choice("`true` or `false`", |word| match word {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            })?;
            self.check(format, FormatError::Width, width_at)?;
        }
        if let Kind::Fixed { .. } | Kind::AcFixed = kind {
            self.modes(&mut format, matches!(kind, Kind::Fixed { .. }))?;
        }
        self.expect('>', "`>`")?;
        Ok(format)
    }

    /// `[, Q [, O [, N]]]`, all up to the closing bracket; `N` only where the family has it.
    fn modes(&mut self, format: &mut Format, has_saturated_bits: bool) -> Result<(), ParseFormatError> {
        if !self.next_parameter()? {
            return Ok(());
        }
        format.rounding = self.choice(
            "a rounding mode (TRN, TRN_ZERO, RND, RND_ZERO, RND_INF, RND_MIN_INF, RND_CONV, RND_CONV_ODD)",
            |word| Rounding::ALL.into_iter().find(|mode| is_mode(word, mode.name())),
        )?;
        if !self.next_parameter()? {
            return Ok(());
        }
        self.skip_blanks();
        let at = self.at;
        format.overflow = self
            .choice("an overflow mode (WRAP, WRAP_SM, SAT, SAT_ZERO, SAT_SYM)", |word| {
                Overflow::ALL.into_iter().find(|mode| is_mode(word, mode.name()))
            })?;
        self.check(*format, FormatError::UnsignedWrapSm, at)?;
        if !has_saturated_bits || !self.next_parameter()? {
            return Ok(());
        }
        self.skip_blanks();
        let at = self.at;
        let saturated_bits = self.number("the number of saturated bits")?;
        match &mut format.overflow {
            Overflow::Wrap(n) | Overflow::WrapSm(n) => *n = saturated_bits,
            _ if saturated_bits == 0 => {}
            _ => return Err(self.error_at(at, "0: only WRAP and WRAP_SM have saturated bits")),
        }
        self.check(*format, FormatError::SaturatedBits, at)
    }

    /// Reports a broken rule at the parameter that broke it; other rules are reported at theirs.
    fn check(&self, format: Format, rule: FormatError, at: usize) -> Result<(), ParseFormatError> {
        match format.check() {
            Err(broken) if broken == rule => {
                let expected = broken.message().strip_prefix("expected ").unwrap_or(broken.message());
                Err(self.error_at(at, expected))
            }
            _ => Ok(()),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<(), ParseFormatError> {
        self.skip_blanks();
        if !self.rest().starts_with(wanted) {
            return Err(self.error(expected));
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    /// Steps over a comma, or stays before the closing bracket.
    fn next_parameter(&mut self) -> Result<bool, ParseFormatError> {
        self.skip_blanks();
        if self.rest().starts_with('>') {
            return Ok(false);
        }
        self.expect(',', "`,` or `>`").map(|()| true)
    }

    fn choice<T>(
        &mut self,
        expected: &'static str,
        find: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ParseFormatError> {
        self.skip_blanks();
        let word = word_of(self.rest());
        match find(word) {
            Some(choice) => {
                self.at += word.len();
                Ok(choice)
            }
            None => Err(self.error(expected)),
        }
    }

    fn number<T: FromStr>(&mut self, expected: &'static str) -> Result<T, ParseFormatError> {
        self.skip_blanks();
        let word = word_of(self.rest());
        match word.parse() {
            Ok(number) => {
                self.at += word.len();
                Ok(number)
            }
            Err(_) => Err(self.error(expected)),
        }
    }

    fn error(&self, expected: &'static str) -> ParseFormatError {
        self.error_at(self.at, expected)
    }

    fn error_at(&self, at: usize, expected: &'static str) -> ParseFormatError {
        let rest = &self.text[at..];
        let found = match word_of(rest).len() {
            0 => rest.chars().next().map_or(0, char::len_utf8),
            len => len,
        };
        ParseFormatError::new(self.text, at, found, expected)
    }
}

/// The letters, digits, underscores and signs that `text` starts with.
fn word_of(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '+')));
    &text[..end.unwrap_or(text.len())]
}

/// Whether `word` is the mode `name`, but for prefix, case and underscores.
fn is_mode(word: &str, name: &str) -> bool {
    let bare = match word.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("ap_") || prefix.eq_ignore_ascii_case("ac_") => {
            &word[3..]
        }
        _ => word,
    };
    let letters = |text: &str| -> usize { text.bytes().filter(|&byte| byte != b'_').count() };
    letters(bare) == letters(name)
        && bare
            .bytes()
            .filter(|&byte| byte != b'_')
            .zip(name.bytes().filter(|&byte| byte != b'_'))
            .all(|(a, b)| a.eq_ignore_ascii_case(&b))
}
