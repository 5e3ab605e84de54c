//! An independent model of assignment, in exact rational arithmetic: a value is `numerator / 2^shift`.
//!
//! It follows the meaning of the modes ("to nearest, ties to even"), not the bit formulas of the crate.

use hls4rs_fixed::{Format, Overflow, Rounding};

/// The raw value of `raw` (in the format `src`) after assignment to `dst`; for small widths.
pub(crate) fn assign(raw: i128, src: Format, dst: Format) -> i128 {
    let shift = src.frac_bits() - dst.frac_bits();
    let q = if shift <= 0 { raw * power(-shift) } else { round(raw, power(shift), dst.rounding) };
    overflow(q, dst, || {
        // The bit of the unrounded source just above the destination.
        let index = shift + dst.width as i32;
        (0..src.width as i32).contains(&index) && raw.div_euclid(power(index)) % 2 != 0
    })
}

fn power(n: i32) -> i128 {
    1i128 << n
}

/// The integer that stands for `numerator / denominator`.
fn round(numerator: i128, denominator: i128, mode: Rounding) -> i128 {
    let below = numerator.div_euclid(denominator);
    if below * denominator == numerator {
        return below;
    }
    let above = below + 1;
    let toward_zero = if numerator > 0 { below } else { above };
    let away = if numerator > 0 { above } else { below };
    let even = if below % 2 == 0 { below } else { above };
    let odd = if below % 2 == 0 { above } else { below };
    let nearest = |tie: i128| {
        let (left, right) = (numerator - below * denominator, above * denominator - numerator);
        match left.cmp(&right) {
            std::cmp::Ordering::Less => below,
            std::cmp::Ordering::Equal => tie,
            std::cmp::Ordering::Greater => above,
        }
    };
    match mode {
        Rounding::Trn => below,
        Rounding::TrnZero => toward_zero,
        Rounding::Rnd => nearest(above),
        Rounding::RndZero => nearest(toward_zero),
        Rounding::RndInf => nearest(away),
        Rounding::RndMinInf => nearest(below),
        Rounding::RndConv => nearest(even),
        Rounding::RndConvOdd => nearest(odd),
    }
}

fn overflow(q: i128, dst: Format, deleted_bit: impl Fn() -> bool) -> i128 {
    let w = dst.width;
    let (lo, hi) =
        if dst.signed { (-power(w as i32 - 1), power(w as i32 - 1) - 1) } else { (0, power(w as i32) - 1) };
    if dst.overflow == Overflow::SatSym && dst.signed && w > 1 {
        return q.clamp(-hi, hi);
    }
    if (lo..=hi).contains(&q) {
        return q;
    }
    match dst.overflow {
        Overflow::Sat | Overflow::SatSym => q.clamp(lo, hi),
        Overflow::SatZero => 0,
        Overflow::Wrap(n) => from_bits(&wrapped(q, w, n, dst.signed), dst.signed),
        Overflow::WrapSm(n) => from_bits(&sign_magnitude(q, w, n, deleted_bit()), true),
    }
}

/// The low `w` bits, least first.
fn to_bits(q: i128, w: u32) -> Vec<bool> {
    (0..w).map(|i| q.div_euclid(power(i as i32)).rem_euclid(2) == 1).collect()
}

fn from_bits(bits: &[bool], signed: bool) -> i128 {
    let value: i128 = bits.iter().enumerate().map(|(i, &bit)| if bit { power(i as i32) } else { 0 }).sum();
    if signed && bits[bits.len() - 1] { value - power(bits.len() as i32) } else { value }
}

fn wrapped(q: i128, w: u32, n: u32, signed: bool) -> Vec<bool> {
    let (mut bits, w, n) = (to_bits(q, w), w as usize, n as usize);
    if n > 0 && signed {
        bits[w - n..w - 1].fill(q >= 0);
        bits[w - 1] = q < 0;
    } else if n > 0 {
        bits[w - n..].fill(true);
    }
    bits
}

/// Section 2.3 of the reference, step by step.
fn sign_magnitude(q: i128, w: u32, n: u32, deleted_bit: bool) -> Vec<bool> {
    let (mut bits, w, n, negative) = (to_bits(q, w), w as usize, n as usize, q < 0);
    let flip = match n {
        0 => deleted_bit != bits[w - 1],
        1 => negative != bits[w - 1],
        _ => bits[w - n] == negative,
    };
    if flip {
        bits.iter_mut().for_each(|bit| *bit = !*bit);
    }
    if n >= 2 {
        bits[w - n..w - 1].fill(!negative);
    }
    bits[w - 1] = if n == 0 { deleted_bit } else { negative };
    bits
}
