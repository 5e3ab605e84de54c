//! Raw values as exact decimal literals.

use hls4rs_fixed::Wide;

/// A constant as C++ can hold it: a literal, or a sum of two where one `double` is too short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// A whole number or a decimal fraction that a `double` holds exactly.
    Exact(String),
    /// Two of them, of the same sign, whose exact sum is the value.
    Sum(String, String),
}

/// The value `raw · 2^-frac_bits`.
pub(crate) fn literal(raw: Wide, frac_bits: i32) -> Literal {
    if significant_bits(raw) <= 53 {
        return Literal::Exact(decimal(raw, frac_bits));
    }
    let magnitude = if raw.is_negative() { raw.neg() } else { raw };
    let low = magnitude.and(Wide::from_i64((1 << 32) - 1));
    let high = magnitude.sub(low);
    let signed = |part: Wide| if raw.is_negative() { part.neg() } else { part };
    Literal::Sum(decimal(signed(high), frac_bits), decimal(signed(low), frac_bits))
}

/// Whether a `double` holds the value.
pub(crate) fn is_short(raw: Wide) -> bool {
    significant_bits(raw) <= 53
}

fn significant_bits(raw: Wide) -> u32 {
    let magnitude = if raw.is_negative() { raw.neg() } else { raw };
    let trailing = (0..Wide::BITS).find(|&n| magnitude.bit(n)).unwrap_or(0);
    // `bits` counts a sign bit.
    magnitude.bits().saturating_sub(1 + trailing)
}

/// The exact decimal expansion; whole numbers of more than nine digits end in `.0`, so that they are no `int`.
pub(crate) fn decimal(raw: Wide, frac_bits: i32) -> String {
    let magnitude = if raw.is_negative() { raw.neg() } else { raw };
    let sign = if raw.is_negative() { "-" } else { "" };
    let frac = frac_bits.max(0) as usize;
    // raw / 2^F = raw · 5^F / 10^F.
    let mut digits = digits(magnitude);
    for _ in 0..frac {
        multiply(&mut digits, 5);
    }
    for _ in 0..(-frac_bits).max(0) {
        multiply(&mut digits, 2);
    }
    while digits.len() <= frac {
        digits.push(0);
    }
    let text = |digits: &[u8]| digits.iter().rev().map(|d| char::from(b'0' + d)).collect::<String>();
    let whole = text(&digits[frac..]);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let fraction = text(&digits[..frac]);
    match fraction.trim_end_matches('0') {
        "" if whole.len() > 9 => format!("{sign}{whole}.0"),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// The decimal digits of a whole number that is not negative, lowest first.
fn digits(value: Wide) -> Vec<u8> {
    let mut digits = vec![0];
    for n in (0..Wide::BITS).rev() {
        multiply(&mut digits, 2);
        if value.bit(n) {
            add_one(&mut digits);
        }
    }
    digits
}

fn multiply(digits: &mut Vec<u8>, factor: u8) {
    let mut carry = 0;
    for digit in digits.iter_mut() {
        let product = *digit * factor + carry;
        (*digit, carry) = (product % 10, product / 10);
    }
    if carry > 0 {
        digits.push(carry);
    }
}

fn add_one(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.push(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal(Wide::from_i64(-127), 7), "-0.9921875");
        assert_eq!(decimal(Wide::from_i64(3), -2), "12");
        assert_eq!(decimal(Wide::from_i64(1), 20), "0.00000095367431640625");
        assert_eq!(decimal(Wide::from_i64(0), 5), "0");
        assert_eq!(decimal(Wide::from_i64(1), -40), "1099511627776.0");
    }

    #[test]
    fn long_significands_are_split() {
        assert!(matches!(literal(Wide::from_i64((1 << 53) - 1), 3), Literal::Exact(_)));
        let Literal::Sum(high, low) = literal(Wide::from_i64(-(1 << 60) - 1), 0) else {
            panic!("61 significant bits do not fit a double");
        };
        assert_eq!((high.as_str(), low.as_str()), ("-1152921504606846976.0", "-1"));
    }
}
