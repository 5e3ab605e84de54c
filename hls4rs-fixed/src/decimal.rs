//! Decimal text of numbers: exact when printed, rounded once when read.

use core::fmt;

use crate::big::Big;
use crate::{Exact, Format, Wide};

/// Room for the digits of 890 bits on either side of the point, the point, and a carry.
const CAPACITY: usize = 1164;
/// What fits the buffer, and leaves [`Big`] room to multiply by ten.
const MAX_BITS: i64 = 890;

struct Digits {
    text: [u8; CAPACITY],
    start: usize,
    end: usize,
}

impl Digits {
    fn push(&mut self, byte: u8) {
        if self.end < CAPACITY {
            self.text[self.end] = byte;
            self.end += 1;
        }
    }

    /// The digits of an integer, at the right place for a fraction to follow.
    fn integer(mut rest: Big) -> Digits {
        const POINT: usize = 270;
        let mut digits = Digits { text: [b'0'; CAPACITY], start: POINT, end: POINT };
        while !rest.is_zero() || digits.start == POINT {
            let (quotient, digit) = rest.div_rem_10();
            digits.start -= 1;
            digits.text[digits.start] = b'0' + digit;
            rest = quotient;
        }
        digits
    }

    /// Drops the digits from `end` on, rounding to nearest, ties to even.
    fn round(&mut self, end: usize) {
        let dropped = &self.text[end..self.end];
        let last = self.text[..end].iter().rev().find(|&&byte| byte != b'.').copied().unwrap_or(b'0');
        let tail = dropped.iter().skip_while(|&&byte| byte == b'.');
        let mut tail = tail.copied();
        let first = tail.next().unwrap_or(b'0');
        let up = first > b'5' || (first == b'5' && (tail.any(|byte| byte > b'0') || last % 2 == 1));
        self.end = end;
        if up {
            self.carry(end);
        }
    }

    /// Adds one to the digit before `at`.
    fn carry(&mut self, mut at: usize) {
        loop {
            at -= 1;
            self.start = self.start.min(at);
            match self.text[at] {
                b'.' => {}
                b'9' => self.text[at] = b'0',
                _ => {
                    self.text[at] += 1;
                    return;
                }
            }
        }
    }
}

/// Writes `raw · 2^-frac_bits` exactly, or rounded to the precision the formatter asks for.
///
/// A value beyond all formats is written as `raw*2^exponent`.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, raw: Big, frac_bits: i32) -> fmt::Result {
    let negative = raw.is_negative();
    let magnitude = if negative { raw.neg() } else { raw };
    let frac_bits = i64::from(frac_bits);
    if frac_bits > MAX_BITS || i64::from(magnitude.bits()) - frac_bits > MAX_BITS {
        let digits = Digits::integer(magnitude);
        let text = core::str::from_utf8(&digits.text[digits.start..digits.end]).map_err(|_| fmt::Error)?;
        return write!(f, "{}{text}*2^{}", if negative { "-" } else { "" }, -frac_bits);
    }
    let shift = frac_bits.unsigned_abs() as u32;
    let (integer, mut fraction) = if frac_bits > 0 {
        let integer = magnitude.shr(shift);
        (integer, magnitude.add(integer.shl(shift).neg()))
    } else {
        (magnitude.shl(shift), Big::from_i128(0))
    };
    let mut digits = Digits::integer(integer);
    let point = digits.end;
    if !fraction.is_zero() {
        digits.push(b'.');
    }
    while !fraction.is_zero() {
        let tenfold = fraction.mul(Big::from_i128(10));
        let digit = tenfold.shr(shift);
        digits.push(b'0' + digit.as_wide_wrapping().as_i128_wrapping() as u8);
        fraction = tenfold.add(digit.shl(shift).neg());
    }
    if let Some(precision) = f.precision() {
        let wanted = point + if precision == 0 { 0 } else { precision + 1 };
        if digits.end > wanted {
            digits.round(wanted);
        } else if digits.end == point && wanted > point {
            digits.push(b'.');
        }
        for _ in digits.end..wanted.min(CAPACITY) {
            digits.push(b'0');
        }
    }
    let text = core::str::from_utf8(&digits.text[digits.start..digits.end]).map_err(|_| fmt::Error)?;
    f.pad_integral(!negative, "", text)
}

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseNumberError {
    /// The text is not an optional sign, digits, and optionally a point and digits.
    NotDecimal,
    /// There are more digits before the point than any format needs.
    TooLong,
}

impl fmt::Display for ParseNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseNumberError::NotDecimal => "expected a decimal number such as `-12.375`",
            ParseNumberError::TooLong => "the number has more digits before the point than any format needs",
        })
    }
}

impl core::error::Error for ParseNumberError {}

/// A decimal number, read to some fraction bits and one more that says whether anything was left.
pub(crate) struct Decimal {
    pub(crate) value: Exact,
    /// Whether `value` is the number itself.
    #[cfg_attr(not(feature = "serde"), expect(dead_code))]
    pub(crate) is_exact: bool,
}

/// Reads a decimal number to `frac_bits` fraction bits and one more; whatever lies below sets the bit after
/// those.
///
/// The result rounds to `frac_bits` bits as the number itself does, in every mode.
pub(crate) fn parse(text: &str, frac_bits: i32) -> Result<Decimal, ParseNumberError> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let point = digits.iter().position(|&byte| byte == b'.').unwrap_or(digits.len());
    let (integer, fraction) = (&digits[..point], digits.get(point + 1..).unwrap_or(&[]));
    let is_decimal = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if !is_decimal(integer) || !is_decimal(fraction) || integer.len() + fraction.len() == 0 {
        return Err(ParseNumberError::NotDecimal);
    }
    let mut raw = Big::from_i128(0);
    for byte in integer {
        raw = raw.mul(Big::from_i128(10)).add(Big::from_i128(i128::from(byte - b'0')));
        if raw.bits() > Wide::BITS {
            return Err(ParseNumberError::TooLong);
        }
    }
    let mut rest = [0u8; 512];
    let (kept, lost) = fraction.split_at(fraction.len().min(rest.len()));
    rest.iter_mut().zip(kept).for_each(|(digit, byte)| *digit = byte - b'0');
    let frac_bits = (frac_bits + 1).clamp(0, 400) as u32;
    if raw.bits() + frac_bits + 1 > PARSED_BITS {
        return Err(ParseNumberError::TooLong);
    }
    for _ in 0..frac_bits {
        let mut carry = 0;
        for digit in rest[..kept.len()].iter_mut().rev() {
            (*digit, carry) = ((2 * *digit + carry) % 10, (2 * *digit + carry) / 10);
        }
        raw = raw.shl(1).add(Big::from_i128(carry.into()));
    }
    let is_exact = rest.iter().all(|&digit| digit == 0) && lost.iter().all(|&byte| byte == b'0');
    let raw = raw.shl(1).add(Big::from_i128((!is_exact).into()));
    let format = Format::fixed(PARSED_BITS, PARSED_BITS as i32 - frac_bits as i32 - 1);
    let value = Exact::from_big(if negative { raw.neg() } else { raw }, format);
    Ok(Decimal { value, is_exact })
}

/// What an [`Exact`] value may have.
const PARSED_BITS: u32 = 767;

/// Reads a decimal number into a type, by the modes of the type.
pub(crate) fn read<T: crate::Number>(text: &str) -> Result<T, ParseNumberError> {
    Ok(parse(text, T::FORMAT.frac_bits())?.value.to())
}
