//! Quantization and overflow, written once and instantiated for every container.
//!
//! The text follows section 2 of the reference ("Assignment"): quantize first, then overflow, so that the
//! carry of rounding takes part in the overflow test.
//!
//! In every instance all values stay inside the container: [`Cast::new`](super::Cast::new) limits the shifts
//! and states the container they need.

use super::Cast;
use super::word::{word32, word64, word128, word256, word1024};
use crate::{Overflow, Rounding};

macro_rules! algorithm {
    ($name:ident, $word:ident) => {
        pub(super) mod $name {
            use super::*;
            use $word::Word;

            /// The low `n` bits set.
            #[inline(always)]
            const fn ones(n: u32) -> Word {
                $word::not($word::shl($word::not($word::from_bool(false)), n))
            }

            /// `2^n`.
            #[inline(always)]
            const fn power(n: u32) -> Word {
                $word::shl($word::from_bool(true), n)
            }

            /// The range of the destination; the width must be less than the container's for unsigned
            /// formats.
            #[inline(always)]
            pub(crate) const fn range(cast: &Cast) -> (Word, Word) {
                if cast.dst.signed {
                    let lo = $word::shl($word::not($word::from_bool(false)), cast.dst.width - 1);
                    (lo, $word::not(lo))
                } else {
                    ($word::from_bool(false), ones(cast.dst.width))
                }
            }

            /// The nearest multiples of the destination's last bit, by the destination's rounding mode.
            #[inline(always)]
            pub(crate) const fn quantize(cast: &Cast, raw: Word) -> Word {
                if cast.right == 0 {
                    return $word::shl(raw, cast.left);
                }
                let halves = $word::shr(raw, cast.right - 1);
                let floor = $word::shr(halves, 1);
                let half = !$word::eq($word::and(halves, $word::from_bool(true)), $word::from_bool(false));
                let rest = !$word::eq($word::and(raw, ones(cast.right - 1)), $word::from_bool(false));
                let negative = $word::is_negative(raw);
                let odd = !$word::eq($word::and(floor, $word::from_bool(true)), $word::from_bool(false));
                let up = match cast.dst.rounding {
                    Rounding::Trn => return floor,
                    Rounding::TrnZero => negative & (half | rest),
                    Rounding::Rnd => half,
                    Rounding::RndZero => half & (negative | rest),
                    Rounding::RndMinInf => half & rest,
                    Rounding::RndInf => half & (!negative | rest),
                    Rounding::RndConv => half & (odd | rest),
                    Rounding::RndConvOdd => half & (!odd | rest),
                };
                $word::add(floor, $word::from_bool(up))
            }

            /// Brings a quantized value into the destination's range, by the destination's overflow mode.
            #[inline(always)]
            const fn limit(cast: &Cast, q: Word, raw: Word) -> Word {
                let (lo, hi) = range(cast);
                let outside = $word::lt(q, lo) | $word::lt(hi, q);
                match cast.dst.overflow {
                    Overflow::Wrap(0) => wrap(cast, q),
                    Overflow::Sat => clamp(q, lo, hi),
                    Overflow::SatZero => {
                        if outside {
                            $word::from_bool(false)
                        } else {
                            q
                        }
                    }
                    Overflow::SatSym => {
                        let symmetric = cast.dst.signed && cast.dst.width > 1;
                        clamp(q, $word::add(lo, $word::from_bool(symmetric)), hi)
                    }
                    Overflow::Wrap(n) => {
                        if outside {
                            wrap_saturated(cast, q, n)
                        } else {
                            q
                        }
                    }
                    Overflow::WrapSm(n) => {
                        if outside {
                            wrap_sign_magnitude(cast, q, raw, n)
                        } else {
                            q
                        }
                    }
                }
            }

            #[inline(always)]
            const fn clamp(q: Word, lo: Word, hi: Word) -> Word {
                let q = if $word::lt(q, lo) { lo } else { q };
                if $word::lt(hi, q) { hi } else { q }
            }

            /// `q` modulo `2^W`, in the destination's range.
            #[inline(always)]
            const fn wrap(cast: &Cast, q: Word) -> Word {
                if cast.dst.signed {
                    $word::sign_extend(q, cast.dst.width)
                } else {
                    $word::and(q, ones(cast.dst.width))
                }
            }

            /// `WRAP` with `n >= 1` saturated bits, of a value out of range.
            const fn wrap_saturated(cast: &Cast, q: Word, n: u32) -> Word {
                let width = cast.dst.width;
                let kept = $word::and(q, ones(width - n));
                if !cast.dst.signed {
                    // The vendor's headers set these bits for negative sources, too.
                    $word::or(kept, $word::shl(ones(n), width - n))
                } else if $word::is_negative(q) {
                    $word::or(kept, range(cast).0)
                } else {
                    $word::or(kept, $word::shl(ones(n - 1), width - n))
                }
            }

            /// `WRAP_SM` with `n` saturated bits, of a value out of range (section 2.3).
            const fn wrap_sign_magnitude(cast: &Cast, q: Word, raw: Word, n: u32) -> Word {
                if !cast.dst.signed {
                    return if n == 0 { wrap(cast, q) } else { wrap_saturated(cast, q, n) };
                }
                let (lo, hi) = range(cast);
                let pattern = wrap(cast, q);
                let negative = $word::is_negative(q);
                let flip = match n {
                    0 => deleted_bit(cast, raw) != $word::is_negative(pattern),
                    1 => negative != $word::is_negative(pattern),
                    _ => {
                        negative
                            != $word::eq(
                                $word::and(pattern, power(cast.dst.width - n)),
                                $word::from_bool(false),
                            )
                    }
                };
                let pattern = if flip { $word::not(pattern) } else { pattern };
                if n >= 2 {
                    let kept = $word::and(pattern, ones(cast.dst.width - n));
                    let fill = $word::shl(ones(n - 1), cast.dst.width - n);
                    return if negative { $word::or(kept, lo) } else { $word::or(kept, fill) };
                }
                let sign = if n == 0 { deleted_bit(cast, raw) } else { negative };
                let kept = $word::and(pattern, hi);
                if sign { $word::or(kept, lo) } else { kept }
            }

            /// The source's bit just above the destination's sign, before rounding; zero outside the source.
            const fn deleted_bit(cast: &Cast, raw: Word) -> bool {
                let index = cast.shift + cast.dst.width as i32;
                if index < 0 || index >= cast.src.width as i32 {
                    return false;
                }
                let bit = $word::and($word::shr(raw, index as u32), $word::from_bool(true));
                !$word::eq(bit, $word::from_bool(false))
            }

            /// The cast.
            #[inline(always)]
            pub(crate) const fn convert(cast: &Cast, raw: Word) -> Word {
                limit(cast, quantize(cast, raw), raw)
            }
        }
    };
}

algorithm!(in_i32, word32);
algorithm!(in_i64, word64);
algorithm!(in_i128, word128);
algorithm!(in_wide, word256);
algorithm!(in_big, word1024);
