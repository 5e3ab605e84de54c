//! Decimal text of [`Wide`].

use core::fmt;
use core::str::FromStr;

use super::Wide;

/// The decimal digits of 2^255, the longest magnitude.
const MAX_DIGITS: usize = 77;

impl Wide {
    /// Divides a magnitude (read as unsigned 256 bits) by ten.
    const fn div_rem_10(self) -> (Wide, u8) {
        let (hi, lo) = (self.hi as u128, self.lo);
        let carry = hi % 10;
        // 2^128 = 10 * WHOLE + 6, so carry * 2^128 + lo is divided without leaving 128 bits.
        const WHOLE: u128 = u128::MAX / 10;
        let low = carry * 6 + lo % 10;
        let quotient = carry * WHOLE + lo / 10 + low / 10;
        (Wide { hi: (hi / 10) as i128, lo: quotient }, (low % 10) as u8)
    }
}

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(small) = self.to_i128() {
            return fmt::Display::fmt(&small, f);
        }
        let mut digits = [0u8; MAX_DIGITS + 1];
        let mut start = digits.len();
        let mut rest = self.abs();
        while !rest.is_zero() {
            let (quotient, digit) = rest.div_rem_10();
            start -= 1;
            digits[start] = b'0' + digit;
            rest = quotient;
        }
        let text = core::str::from_utf8(&digits[start..]).map_err(|_| fmt::Error)?;
        f.pad_integral(!self.is_negative(), "", text)
    }
}

impl fmt::Debug for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a [`Wide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseWideError {
    /// The text is not an optional sign followed by decimal digits.
    NotDecimal,
    /// The value needs more than 256 bits.
    OutOfRange,
}

impl fmt::Display for ParseWideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseWideError::NotDecimal => "expected an optional sign and decimal digits",
            ParseWideError::OutOfRange => "the value needs more than 256 bits",
        })
    }
}

impl core::error::Error for ParseWideError {}

/// Reads an optional sign and decimal digits.
///
/// ```
/// use hls4rs_fixed::Wide;
/// let text = "-57896044618658097711785492504343953926634992332820282019728792003956564819968";
/// assert_eq!(text.parse(), Ok(Wide::MIN));
/// assert_eq!(Wide::MIN.to_string(), text);
/// ```
impl FromStr for Wide {
    type Err = ParseWideError;

    fn from_str(text: &str) -> Result<Wide, ParseWideError> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        if digits.is_empty() {
            return Err(ParseWideError::NotDecimal);
        }
        // Counting down from zero reaches MIN, which has no positive counterpart.
        let mut value = Wide::ZERO;
        for &byte in digits {
            if !byte.is_ascii_digit() {
                return Err(ParseWideError::NotDecimal);
            }
            // From -2^252 upwards, ten times the value wraps at most once, and then to a positive one.
            if value.bits() > 253 {
                return Err(ParseWideError::OutOfRange);
            }
            let next = value.mul(Wide::from_i64(10)).sub(Wide::from_i64(i64::from(byte - b'0')));
            if value.lt(&next) {
                return Err(ParseWideError::OutOfRange);
            }
            value = next;
        }
        match (negative, value) {
            (true, value) => Ok(value),
            (false, Wide::MIN) => Err(ParseWideError::OutOfRange),
            (false, value) => Ok(value.neg()),
        }
    }
}
