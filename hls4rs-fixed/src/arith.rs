//! The operators of section 3 of the reference on raw integers with run-time formats.
//!
//! The format of a result is told by [`Format::sum`], [`Format::difference`], [`Format::product`],
//! [`Format::negation`] and [`Format::quotient`]; it must be legal, and then the result is exact.
//! Numbers with the format in their type have operators instead, see [`Exact`].

use core::cmp::Ordering;

use crate::{Cast, Exact, Format, Wide};

/// The raw integer of `a` with the binary point of `format`.
const fn aligned(raw: Wide, of: Format, format: Format) -> Wide {
    raw.shl((format.frac_bits() - of.frac_bits()) as u32)
}

/// `a + b` in the format `fa.sum(fb)`.
///
/// ```
/// use hls4rs_fixed::{Format, Wide, arith};
/// let (fa, fb) = (Format::fixed(8, 4), Format::ufixed(4, 0));
/// assert_eq!(arith::add(Wide::from(-1), fa, Wide::from(15), fb), Wide::from(14)); // -1/16 + 15/16
/// assert_eq!(fa.sum(fb).to_string(), "fixed<9,5>");
/// ```
pub const fn add(a: Wide, fa: Format, b: Wide, fb: Format) -> Wide {
    let format = fa.sum(fb);
    aligned(a, fa, format).add(aligned(b, fb, format))
}

/// `a - b` in the format `fa.difference(fb)`.
pub const fn sub(a: Wide, fa: Format, b: Wide, fb: Format) -> Wide {
    let format = fa.difference(fb);
    aligned(a, fa, format).sub(aligned(b, fb, format))
}

/// `a · b` in the format `fa.product(fb)`.
pub const fn mul(a: Wide, b: Wide) -> Wide {
    a.mul(b)
}

/// `-a` in the format `fa.negation()`.
pub const fn neg(a: Wide) -> Wide {
    a.neg()
}

/// `a / b`, truncated towards zero to the last bit of `fa.quotient(fb)`; `None` for a zero divisor.
///
/// This is the quotient of `ac_fixed`; see [`ap::div`](crate::ap::div) for the other one.
///
/// ```
/// use hls4rs_fixed::{Format, Wide, arith};
/// let (fa, fb) = (Format::fixed(8, 4), Format::fixed(6, 4));
/// assert_eq!(fa.quotient(fb).to_string(), "fixed<11,7>");
/// // -2.5 / 0.75 = -3.33.., in steps of 1/16
/// assert_eq!(arith::div(Wide::from(-40), Wide::from(3), fb), Some(Wide::from(-53)));
/// ```
pub const fn div(a: Wide, b: Wide, fb: Format) -> Option<Wide> {
    if b.is_zero() {
        return None;
    }
    let a = if fb.frac_bits() > 0 { a.shl(fb.frac_bits() as u32) } else { a };
    let quotient = div_magnitudes(a.abs(), b.abs());
    Some(if a.is_negative() != b.is_negative() { quotient.neg() } else { quotient })
}

/// `floor(a / b)` of two values at least zero, bit by bit.
const fn div_magnitudes(a: Wide, b: Wide) -> Wide {
    if let (Some(a), Some(b)) = (a.to_i128(), b.to_i128()) {
        return Wide::from_i128(a / b);
    }
    let (mut quotient, mut rest) = (Wide::ZERO, Wide::ZERO);
    let mut i = Wide::BITS;
    while i > 0 {
        i -= 1;
        rest = rest.shl(1).or(a.shr(i).and(Wide::ONE));
        quotient = quotient.shl(1);
        if b.le(&rest) {
            rest = rest.sub(b);
            quotient = quotient.or(Wide::ONE);
        }
    }
    quotient
}

/// `a << n` within the format: the low bits of `a · 2^n`, whatever the modes; a negative count shifts right.
///
/// ```
/// use hls4rs_fixed::{Format, Wide, arith};
/// assert_eq!(arith::shl(Wide::from(5), Format::fixed(4, 2), 1), Wide::from(-6));
/// assert_eq!(arith::shl(Wide::from(-5), Format::fixed(4, 2), -1), Wide::from(-3));
/// ```
pub const fn shl(a: Wide, format: Format, n: i32) -> Wide {
    let moved = if n < 0 { a.shr(n.unsigned_abs()) } else { a.shl(n.unsigned_abs()) };
    wrap(moved, format)
}

/// `a >> n` within the format: `floor(a / 2^n)`, whatever the modes; a negative count shifts left.
pub const fn shr(a: Wide, format: Format, n: i32) -> Wide {
    shl(a, format, n.saturating_neg())
}

/// `raw` modulo `2^width`, in the range of the format.
pub(crate) const fn wrap(raw: Wide, format: Format) -> Wide {
    let src = Format::fixed(Wide::BITS, Wide::BITS as i32 - format.frac_bits());
    let plain = Format { signed: format.signed, ..Format::fixed(format.width, format.int_bits) };
    Cast::new(src, plain).wide(raw)
}

/// Compares two values exactly, which is what hardware and `ac_fixed` do; see
/// [`ap::compare`](crate::ap::compare).
///
/// ```
/// use core::cmp::Ordering;
/// use hls4rs_fixed::{Format, Wide, arith};
/// let (fa, fb) = (Format::fixed(8, 4), Format::ufixed(40, 40));
/// assert_eq!(arith::compare(Wide::from(-1), fa, Wide::from(0), fb), Ordering::Less);
/// ```
pub fn compare(a: Wide, fa: Format, b: Wide, fb: Format) -> Ordering {
    crate::exact::compare(Exact::new(a, fa), Exact::new(b, fb))
}
