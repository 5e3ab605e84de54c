//! Rows: one element of a tensor for several samples, lane = sample.

use hls4rs_fixed::{Cast, Format, Overflow, Rounding};

use super::int::Int;

/// Assigns every lane to the destination of `cast`, whose container must fit in `C`.
///
/// The common modes are repeated as literals, so that the one algorithm of [`Cast`] folds to straight code around
/// which the loop vectorises.
#[inline(always)]
pub fn assign<C: Int, const L: usize>(cast: &Cast, row: &mut [C; L]) {
    if cast.is_identity() {
        return;
    }
    macro_rules! with_modes {
        ($($rounding:pat, $overflow:pat => $r:expr, $o:expr;)+) => {
            match (cast.dst().rounding, cast.dst().overflow) {
                $(($rounding, $overflow) => {
                    let dst = Format { rounding: $r, overflow: $o, ..cast.dst() };
                    let cast = Cast::new(cast.src(), dst);
                    for v in row.iter_mut() {
                        *v = v.cast(&cast);
                    }
                })+
                _ => {
                    for v in row.iter_mut() {
                        *v = v.cast(cast);
                    }
                }
            }
        };
    }
    if cast.rounds() {
        with_modes! {
            Rounding::Trn, Overflow::Wrap(0) => Rounding::Trn, Overflow::Wrap(0);
            Rounding::Trn, Overflow::Sat => Rounding::Trn, Overflow::Sat;
            Rounding::Rnd, Overflow::Wrap(0) => Rounding::Rnd, Overflow::Wrap(0);
            Rounding::Rnd, Overflow::Sat => Rounding::Rnd, Overflow::Sat;
            Rounding::RndConv, Overflow::Sat => Rounding::RndConv, Overflow::Sat;
        }
    } else {
        with_modes! {
            _, Overflow::Wrap(0) => Rounding::Trn, Overflow::Wrap(0);
            _, Overflow::Sat => Rounding::Trn, Overflow::Sat;
        }
    }
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
