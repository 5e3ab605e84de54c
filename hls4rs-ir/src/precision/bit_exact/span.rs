//! Intervals of numbers that are multiples of a unit.

use crate::precision::kif::{Kif, fraction_bits};

/// More bits than any number has, either way.
const MOST: f64 = 4096.0;

/// All multiples of `delta` from `min` to `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) delta: f64,
}

/// `2^exponent`.
pub(super) fn power(exponent: i32) -> f64 {
    f64::from(exponent).exp2()
}

impl Span {
    /// Everything that so many bits can hold.
    pub(super) fn of(kif: Kif) -> Self {
        let delta = power(-kif.frac_bits);
        let top = power(kif.int_bits);
        Self { min: if kif.signed { -top } else { 0.0 }, max: top - delta, delta }
    }

    /// The bits that hold it; none for 0.
    pub(super) fn kif(self) -> Kif {
        if self.min == 0.0 && self.max == 0.0 {
            return Kif::default();
        }
        let bits = |exponent: f64| exponent.clamp(-MOST, MOST) as i32;
        let frac_bits = -bits(self.delta.log2().trunc());
        let int_bits = bits((self.max + power(-frac_bits)).max(-self.min).log2().ceil());
        Kif { signed: self.min < 0.0, int_bits, frac_bits }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { min: self.min + other.min, max: self.max + other.max, delta: self.delta.min(other.delta) }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self { min: -other.max, max: -other.min, delta: other.delta })
    }

    pub(super) fn plus_constant(self, value: f64) -> Self {
        let delta = self.delta.min(power(-fraction_bits(value)));
        Self { min: self.min + value, max: self.max + value, delta }
    }

    pub(super) fn times_constant(self, value: f64) -> Self {
        let (a, b) = (self.min * value, self.max * value);
        Self { min: a.min(b), max: a.max(b), delta: self.delta * power(-fraction_bits(value)) }
    }

    pub(super) fn times(self, other: Self) -> Self {
        let corners =
            [self.min * other.min, self.min * other.max, self.max * other.min, self.max * other.max];
        let fold = |f: fn(f64, f64) -> f64| corners.into_iter().reduce(f).unwrap_or(0.0);
        Self { min: fold(f64::min), max: fold(f64::max), delta: self.delta * other.delta }
    }

    /// The sum of several; nothing is 0 in the coarsest unit.
    pub(super) fn sum(terms: impl Iterator<Item = Self>) -> Self {
        terms.fold(Self { min: 0.0, max: 0.0, delta: f64::INFINITY }, Self::plus)
    }
}
