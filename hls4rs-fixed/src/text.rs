//! Formats as text.

use core::fmt;
use core::str::FromStr;

use crate::{Format, Overflow, Rounding};

fn rounding_word(r: Rounding) -> &'static str {
    match r {
        Rounding::Trn => "TRN",
        Rounding::TrnZero => "TRN_ZERO",
        Rounding::Rnd => "RND",
        Rounding::RndZero => "RND_ZERO",
        Rounding::RndInf => "RND_INF",
        Rounding::RndMinInf => "RND_MIN_INF",
        Rounding::RndConv => "RND_CONV",
        Rounding::RndConvOdd => "RND_CONV_ODD",
    }
}

fn overflow_word(o: Overflow) -> (&'static str, u32) {
    match o {
        Overflow::Wrap(n) => ("WRAP", n),
        Overflow::WrapSm(n) => ("WRAP_SM", n),
        Overflow::Sat => ("SAT", 0),
        Overflow::SatZero => ("SAT_ZERO", 0),
        Overflow::SatSym => ("SAT_SYM", 0),
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let u = if self.signed { "" } else { "u" };
        if self.is_integer() {
            return write!(f, "{u}int<{}>", self.width);
        }
        write!(f, "{u}fixed<{},{}", self.width, self.int_bits)?;
        let (o, n) = overflow_word(self.overflow);
        if self.rounding != Rounding::Trn || o != "WRAP" || n > 0 {
            write!(f, ",{}", rounding_word(self.rounding))?;
        }
        if o != "WRAP" || n > 0 {
            write!(f, ",{o}")?;
        }
        if n > 0 {
            write!(f, ",{n}")?;
        }
        f.write_str(">")
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Ap(Format);
struct Ac(Format);

impl fmt::Display for Ap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        let u = if t.signed { "" } else { "u" };
        write!(f, "ap_{u}fixed<{},{}", t.width, t.int_bits)?;
        let (o, n) = overflow_word(t.overflow);
        if t.rounding != Rounding::Trn || o != "WRAP" || n > 0 {
            write!(f, ",AP_{},AP_{o},{n}", rounding_word(t.rounding))?;
        }
        f.write_str(">")
    }
}

impl fmt::Display for Ac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        write!(f, "ac_fixed<{},{},{}", t.width, t.int_bits, t.signed)?;
        let (o, _) = overflow_word(t.overflow);
        if t.rounding != Rounding::Trn || o != "WRAP" {
            write!(f, ",AC_{},AC_{o}", rounding_word(t.rounding))?;
        }
        f.write_str(">")
    }
}

impl Format {
    /// The `ap_` spelling.
    pub fn ap(self) -> impl fmt::Display {
        Ap(self)
    }
    /// The `ac_` spelling.
    pub fn ac(self) -> impl fmt::Display {
        Ac(self)
    }
    /// Whether `ap_` types can be this.
    pub const fn spelled_by_ap(self) -> bool {
        !matches!(self.rounding, Rounding::RndConvOdd)
    }
    /// Whether `ac_` types can be this.
    pub const fn spelled_by_ac(self) -> bool {
        !matches!(self.overflow, Overflow::Wrap(1..) | Overflow::WrapSm(_))
    }
}

/// Not a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFormatError;

impl fmt::Display for ParseFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a format")
    }
}

impl core::error::Error for ParseFormatError {}

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, ParseFormatError> {
        let e = ParseFormatError;
        let (head, rest) = text.trim().split_once('<').ok_or(e.clone())?;
        let mut args = rest.strip_suffix('>').ok_or(e.clone())?.split(',').map(str::trim);
        let ac = head.starts_with("ac_");
        let head = head.trim_start_matches("ap_").trim_start_matches("ac_");
        let (mut signed, kind) = match head.strip_prefix('u') {
            Some(kind) => (false, kind),
            None => (true, head),
        };
        let width: u32 = args.next().and_then(|a| a.parse().ok()).ok_or(e.clone())?;
        if kind == "int" {
            if ac {
                signed = args.next() != Some("false");
            }
            return Ok(if signed { Self::int(width) } else { Self::uint(width) });
        }
        if kind != "fixed" {
            return Err(e);
        }
        let int_bits: i32 = args.next().and_then(|a| a.parse().ok()).ok_or(e.clone())?;
        if ac {
            signed = args.next() != Some("false");
        }
        let mut format = if signed { Self::fixed(width, int_bits) } else { Self::ufixed(width, int_bits) };
        if let Some(q) = args.next() {
            let q = q.trim_start_matches("AP_").trim_start_matches("AC_");
            use Rounding::*;
            format.rounding = [Trn, TrnZero, Rnd, RndZero, RndInf, RndMinInf, RndConv, RndConvOdd]
                .into_iter()
                .find(|r| rounding_word(*r) == q)
                .ok_or(e.clone())?;
        }
        if let Some(o) = args.next() {
            let n: u32 = args.next().map_or(Ok(0), str::parse).map_err(|_| e.clone())?;
            format.overflow = match o.trim_start_matches("AP_").trim_start_matches("AC_") {
                "WRAP" => Overflow::Wrap(n),
                "WRAP_SM" => Overflow::WrapSm(n),
                "SAT" => Overflow::Sat,
                "SAT_ZERO" => Overflow::SatZero,
                "SAT_SYM" => Overflow::SatSym,
                _ => return Err(e),
            };
        }
        format.check().map_err(|_| e)?;
        Ok(format)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
