//! Rows: one element of a tensor for several samples, lane = sample.

use hls4rs_fixed::{Cast, Overflow, Rounding};

use super::int::Int;

/// Evaluates `$body` where `$assigned!(value)` is the value assigned to the destination of a [`Cast`].
///
/// For the common modes the one algorithm of [`Cast`] comes to a few steps; which ones is decided once, around the
/// loops of `$body`, so that they vectorise. A test compares them with the algorithm. Other modes go to `$other`. The
/// cast's container must fit in `$C`. A macro, because nothing then depends on a closure being inlined.
macro_rules! with_modes {
    ($C:ident, $cast:expr, $assigned:ident => $body:expr, _ => $other:expr) => {{
        use $crate::layers::rows::{Limited, Rounded};
        let cast: &hls4rs_fixed::Cast = $cast;
        macro_rules! modes {
            ($v:ident => $value:expr) => {{
                macro_rules! $assigned {
                    ($e:expr) => {{
                        let $v: $C = $e;
                        $value
                    }};
                }
                $body
            }};
        }
        match (Rounded::of(cast), Limited::<$C>::of(cast)) {
            (Some(Rounded::Up(n)), Some(Limited::Wrap(k))) => modes!(v => v.up(n).up(k).down(k)),
            (Some(Rounded::Up(n)), Some(Limited::Mask(m))) => modes!(v => v.up(n).and(m)),
            (Some(Rounded::Up(n)), Some(Limited::Clamp(lo, hi))) => modes!(v => v.up(n).max(lo).min(hi)),
            (Some(Rounded::Floor(n)), Some(Limited::Wrap(k))) => modes!(v => v.down(n).up(k).down(k)),
            (Some(Rounded::Floor(n)), Some(Limited::Mask(m))) => modes!(v => v.down(n).and(m)),
            (Some(Rounded::Floor(n)), Some(Limited::Clamp(lo, hi))) => modes!(v => v.down(n).max(lo).min(hi)),
            (Some(Rounded::Nearest(n)), Some(Limited::Wrap(k))) => modes!(v => v.nearest(n).up(k).down(k)),
            (Some(Rounded::Nearest(n)), Some(Limited::Mask(m))) => modes!(v => v.nearest(n).and(m)),
            (Some(Rounded::Nearest(n)), Some(Limited::Clamp(lo, hi))) => {
                modes!(v => v.nearest(n).max(lo).min(hi))
            }
            (Some(Rounded::Even(n)), Some(Limited::Clamp(lo, hi))) => {
                modes!(v => v.nearest_even(n).max(lo).min(hi))
            }
            _ => $other,
        }
    }};
}
pub(crate) use with_modes;

/// The expression for every lane `$l`, assigned to the destination of a [`Cast`] whose container must fit in `$C`.
macro_rules! assign_each {
    ($C:ident, $L:ident, $cast:expr, $l:ident => $value:expr) => {{
        let cast: &hls4rs_fixed::Cast = $cast;
        let mut y = [$C::default(); $L];
        if $L == 1 || $C::BITS > 64 {
            // Formats of single numbers are constants and fold by themselves; wide integers do not vectorise.
            for $l in 0..$L {
                y[$l] = ($value).cast(cast);
            }
        } else {
            for $l in 0..$L {
                y[$l] = $value;
            }
            $crate::layers::rows::assign_row(cast, &mut y);
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
    /// To the nearest of a coarser unit, ties to even.
    Even(u32),
}

impl Rounded {
    #[inline(always)]
    pub(crate) fn of(cast: &Cast) -> Option<Self> {
        match (cast.right_shift(), cast.dst().rounding) {
            (0, _) => Some(Self::Up(cast.left_shift())),
            (n, Rounding::Trn) => Some(Self::Floor(n)),
            (n, Rounding::Rnd) => Some(Self::Nearest(n)),
            (n, Rounding::RndConv) => Some(Self::Even(n)),
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

/// An integer that is stored and computed with in 32 bits.
pub trait Short: Copy + Send + Sync + 'static {
    /// The value.
    fn widen(self) -> i32;
    /// A value that fits.
    fn narrow(value: i32) -> Self;
}

impl Short for i16 {
    #[inline(always)]
    fn widen(self) -> i32 {
        i32::from(self)
    }
    #[inline(always)]
    fn narrow(value: i32) -> Self {
        value as i16
    }
}

impl Short for i32 {
    #[inline(always)]
    fn widen(self) -> i32 {
        self
    }
    #[inline(always)]
    fn narrow(value: i32) -> Self {
        value
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

/// The cast of a row, compiled once for each instruction set and not once more in every kernel: with all modes it is
/// ten loops.
#[cfg_attr(
    feature = "simulate",
    multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))
)]
pub(crate) fn assign_row<C: Int, const L: usize>(cast: &Cast, row: &mut [C; L]) {
    with_modes!(C, cast, assigned => {
        for l in 0..L {
            row[l] = assigned!(row[l]);
        }
    }, _ => *row = any_modes(cast, row));
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
