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
                    row.iter_mut().for_each(|v| *v = v.cast(&cast));
                })+
                _ => row.iter_mut().for_each(|v| *v = v.cast(cast)),
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

/// Applies `f` to every lane.
#[inline(always)]
pub fn map<C: Int, const L: usize>(mut row: [C; L], f: impl Fn(C) -> C) -> [C; L] {
    row.iter_mut().for_each(|v| *v = f(*v));
    row
}

/// Applies `f` to every pair of lanes.
#[inline(always)]
pub fn zip<C: Int, const L: usize>(mut a: [C; L], b: &[C; L], f: impl Fn(C, C) -> C) -> [C; L] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a = f(*a, *b));
    a
}

/// Applies the cast and hands the row back.
#[inline(always)]
pub fn assigned<C: Int, const L: usize>(cast: &Cast, mut row: [C; L]) -> [C; L] {
    assign(cast, &mut row);
    row
}
