//! Where `ap_fixed` differs from exact arithmetic and from `ac_fixed`.
//!
//! For reproducing the C simulation; hardware truth is in [`arith`].

use core::cmp::Ordering;

use crate::{Format, Wide, arith, cast};

/// `a / b` as `ap_fixed` computes it: the quotient of [`arith::div`], wrapped to the width of the division.
///
/// The division runs in as many bits as either operand needs, and so the least value divided by -1 wraps to
/// itself.
///
/// ```
/// use hls4rs_fixed::{Format, Wide, ap, arith};
/// let f = Format::fixed(4, 4);
/// assert_eq!(arith::div(Wide::from(-8), Wide::from(-1), f), Some(Wide::from(8)));
/// assert_eq!(ap::div(Wide::from(-8), f, Wide::from(-1), f), Some(Wide::from(-8)));
/// ```
pub const fn div(a: Wide, fa: Format, b: Wide, fb: Format) -> Option<Wide> {
    let Some(quotient) = arith::div(a, b, fb) else { return None };
    let scale = if fb.frac_bits() > 0 { fb.frac_bits() as u32 } else { 0 };
    let dividend = fa.width + scale + (fb.signed & !fa.signed) as u32;
    let divisor = fb.width + (fa.signed & !fb.signed) as u32;
    let width = if dividend > divisor { dividend } else { divisor };
    let signed = fa.signed | fb.signed;
    Some(arith::wrap(quotient, Format { signed, ..Format::fixed(width, width as i32) }))
}

/// Compares two values as `ap_fixed` does.
///
/// Operands of equal signedness compare exactly.
/// An unsigned and a signed operand, brought to a common binary point, compare exactly if both are then below
/// 32 bits wide or the signed one is wider; otherwise a negative value counts as greater than every unsigned
/// one, because its pattern is read as unsigned (section 4 of the reference).
///
/// ```
/// use core::cmp::Ordering;
/// use hls4rs_fixed::{Format, Wide, ap};
/// let (narrow, wide) = (Format::ufixed(31, 31), Format::ufixed(32, 32));
/// let minus_one = (Wide::from(-1), Format::fixed(8, 8));
/// assert_eq!(ap::compare(minus_one.0, minus_one.1, Wide::ZERO, narrow), Ordering::Less);
/// assert_eq!(ap::compare(minus_one.0, minus_one.1, Wide::ZERO, wide), Ordering::Greater);
/// ```
pub fn compare(a: Wide, fa: Format, b: Wide, fb: Format) -> Ordering {
    let exact = arith::compare(a, fa, b, fb);
    if fa.signed == fb.signed {
        return exact;
    }
    let (wa, wb) = aligned_widths(fa, fb);
    let (unsigned, signed, negative) =
        if fa.signed { (wb, wa, a.is_negative()) } else { (wa, wb, b.is_negative()) };
    let misread = (unsigned >= 32 || signed >= 32) && unsigned >= signed;
    match negative && misread {
        true if fa.signed => Ordering::Greater,
        true => Ordering::Less,
        false => exact,
    }
}

/// The widths that the headers give to the operands of a comparison.
const fn aligned_widths(fa: Format, fb: Format) -> (i32, i32) {
    const fn at_least_one(width: i32) -> i32 {
        if width > 1 { width } else { 1 }
    }
    let (wa, wb) = (fa.width as i32, fb.width as i32);
    let more = fa.frac_bits() - fb.frac_bits();
    if more == 0 {
        (wa, wb)
    } else if more > 0 {
        (wa, at_least_one(wb + more))
    } else {
        (at_least_one(wa - more + 1), wb)
    }
}

/// `(int)x` and `x.to_int()`: truncated towards zero, wrapped to 32 bits.
///
/// Assigning to `ap_int<K>` truncates in the same way; that is the cast to [`Format::int`].
/// (The headers of `ac_fixed` take the floor instead: the cast to `Format::fixed(32, 32)`.)
///
/// For formats with at least one integer bit; with none the headers misbehave (section 7 of the reference).
///
/// ```
/// use hls4rs_fixed::{Format, ap};
/// assert_eq!(ap::to_int(-3379, Format::fixed(16, 6)), -3); // -3.2998..
/// ```
pub const fn to_int(raw: i128, format: Format) -> i32 {
    cast(raw, format, Format::int(32)) as i32
}
