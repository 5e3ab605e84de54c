//! Rows: one element of a tensor for several samples, lane = sample.

use hls4rs_fixed::{Cast, Overflow, Rounding};

use super::int::Int;

/// The expression for every lane `$l`, assigned to the destination of a [`Cast`] whose container must fit in `$C`.
///
/// For the common modes the one algorithm of [`Cast`] comes to a few steps, chosen once for the row, so that the loop
/// vectorises; a test compares them. A macro, because nothing then depends on a closure being inlined.
macro_rules! assign_each {
    ($C:ident, $L:ident, $cast:expr, $l:ident => $value:expr) => {{
        use $crate::layers::rows::{Limited, Rounded, any_modes};
        let cast: &hls4rs_fixed::Cast = $cast;
        let mut y = [$C::default(); $L];
        macro_rules! row {
            ($v:ident => $assigned:expr) => {
                for $l in 0..$L {
                    let $v = $value;
                    y[$l] = $assigned;
                }
            };
        }
        // Formats of single numbers are constants and fold by themselves; wide integers do not vectorise.
        if $L == 1 || $C::BITS > 64 {
            row!(v => v.cast(cast));
        } else {
            match (Rounded::of(cast), Limited::<$C>::of(cast)) {
                (Some(Rounded::Up(n)), Some(Limited::Wrap(k))) => row!(v => v.up(n).up(k).down(k)),
                (Some(Rounded::Up(n)), Some(Limited::Mask(m))) => row!(v => v.up(n).and(m)),
                (Some(Rounded::Up(n)), Some(Limited::Clamp(lo, hi))) => row!(v => v.up(n).max(lo).min(hi)),
                (Some(Rounded::Floor(n)), Some(Limited::Wrap(k))) => row!(v => v.down(n).up(k).down(k)),
                (Some(Rounded::Floor(n)), Some(Limited::Mask(m))) => row!(v => v.down(n).and(m)),
                (Some(Rounded::Floor(n)), Some(Limited::Clamp(lo, hi))) => row!(v => v.down(n).max(lo).min(hi)),
                (Some(Rounded::Nearest(n)), Some(Limited::Wrap(k))) => row!(v => v.nearest(n).up(k).down(k)),
                (Some(Rounded::Nearest(n)), Some(Limited::Mask(m))) => row!(v => v.nearest(n).and(m)),
                (Some(Rounded::Nearest(n)), Some(Limited::Clamp(lo, hi))) => {
                    row!(v => v.nearest(n).max(lo).min(hi));
                }
                _ => {
                    row!(v => v);
                    y = any_modes(cast, &y);
                }
            }
        }
        y
    }};
}
pub(crate) use assign_each;

/// How common modes quantize.
pub(crate) enum Rounded {
    /// To a finer unit.
    Up(u32),
    /// Down to a coarser unit.
    Floor(u32),
    /// To the nearest of a coarser unit, ties up.
    Nearest(u32),
}

impl Rounded {
    #[inline(always)]
    pub(crate) fn of(cast: &Cast) -> Option<Self> {
        match (cast.right_shift(), cast.dst().rounding) {
            (0, _) => Some(Self::Up(cast.left_shift())),
            (n, Rounding::Trn) => Some(Self::Floor(n)),
            (n, Rounding::Rnd) => Some(Self::Nearest(n)),
            _ => None,
        }
    }
}

/// How common modes limit.
pub(crate) enum Limited<C> {
    /// Keep the low bits and their sign: this many above them are lost.
    Wrap(u32),
    /// Keep these bits.
    Mask(C),
    /// Stay within these ends.
    Clamp(C, C),
}

impl<C: Int> Limited<C> {
    #[inline(always)]
    pub(crate) fn of(cast: &Cast) -> Option<Self> {
        let dst = cast.dst();
        let one = C::from_i64(1);
        // The greatest value: the width is less than the container's where there is no sign.
        let hi = if dst.signed { one.up(dst.width - 1) } else { one.up(dst.width) }.minus(one);
        let lo = if dst.signed { C::default().minus(hi).minus(one) } else { C::default() };
        match dst.overflow {
            Overflow::Wrap(0) if dst.signed => Some(Self::Wrap(C::BITS - dst.width)),
            Overflow::Wrap(0) => Some(Self::Mask(hi)),
            Overflow::Sat => Some(Self::Clamp(lo, hi)),
            Overflow::SatSym if dst.signed && dst.width > 1 => Some(Self::Clamp(lo.plus(one), hi)),
            _ => None,
        }
    }
}

/// The cast of every lane with any modes: not repeated in every kernel.
#[inline(never)]
pub fn any_modes<C: Int, const L: usize>(cast: &Cast, x: &[C; L]) -> [C; L] {
    map(x, |x| x.cast(cast))
}

/// Assigns every lane to the destination of `cast`, whose container must fit in `C`.
#[inline(always)]
pub fn assign<C: Int, const L: usize>(cast: &Cast, row: &mut [C; L]) {
    *row = assign_each!(C, L, cast, l => row[l]);
}

/// Applies `f` to every lane; a plain loop, which unlike `array::map` is always inlined and vectorised.
#[inline(always)]
pub fn map<X: Copy, Y: Copy + Default, const L: usize>(row: &[X; L], f: impl Fn(X) -> Y) -> [Y; L] {
    let mut y = [Y::default(); L];
    for l in 0..L {
        y[l] = f(row[l]);
    }
    y
}

/// Applies `f` to every pair of lanes.
#[inline(always)]
pub fn zip<C: Int, const L: usize>(mut a: [C; L], b: &[C; L], f: impl Fn(C, C) -> C) -> [C; L] {
    for l in 0..L {
        a[l] = f(a[l], b[l]);
    }
    a
}

/// Applies the cast and hands the row back.
#[inline(always)]
pub fn assigned<C: Int, const L: usize>(cast: &Cast, mut row: [C; L]) -> [C; L] {
    assign(cast, &mut row);
    row
}

#[cfg(test)]
mod tests {
    use hls4rs_fixed::Format;

    use super::*;

    /// The short forms against the algorithm, for all values between small formats.
    #[test]
    fn rows_are_cast_as_single_numbers_are() {
        use Overflow::*;
        const ROUNDINGS: [Rounding; 4] = [Rounding::Trn, Rounding::Rnd, Rounding::RndConv, Rounding::TrnZero];
        for (signed, dst_signed) in [(true, true), (true, false), (false, true), (false, false)] {
            for (width, frac) in [(1, 0), (5, 2), (6, 5), (6, -2)] {
                for (dst_width, dst_frac) in [(1, 0), (3, 1), (4, 4), (6, 0), (9, 5)] {
                    for rounding in ROUNDINGS {
                        for overflow in [Wrap(0), Sat, SatSym, SatZero, Wrap(1)] {
                            let src = Format { signed, ..Format::fixed(width, width as i32 - frac) };
                            let dst = Format {
                                signed: dst_signed,
                                ..Format::fixed(dst_width, dst_width as i32 - dst_frac)
                            };
                            let dst = dst.with_rounding(rounding).with_overflow(overflow);
                            check(&Cast::new(src, dst));
                        }
                    }
                }
            }
        }
    }

    fn check(cast: &Cast) {
        let src = cast.src();
        let (lo, hi) = (src.min_raw().to_i64().unwrap(), src.max_raw().to_i64().unwrap());
        let raws: [i64; 64] = core::array::from_fn(|l| (lo + l as i64).min(hi));
        let mut short = raws.map(|raw| raw as i32);
        let mut long = raws;
        assign(cast, &mut short);
        assign(cast, &mut long);
        for l in 0..64 {
            let expected = cast.wide(hls4rs_fixed::Wide::from_i64(raws[l])).to_i64().unwrap();
            assert_eq!((i64::from(short[l]), long[l]), (expected, expected), "{} of {cast:?}", raws[l]);
        }
    }
}
