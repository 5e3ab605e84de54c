//! Assignment with the overflow mode replaced: the `checked_`, `saturating_`, `wrapping_` and `overflowing_`
//! families.
//!
//! Rounding is that of the type throughout.

use crate::{Exact, Num, Number, Overflow};

/// The value modulo the range.
#[inline]
pub(crate) fn wrapping<T: Number>(value: Exact) -> T {
    T::from_raw(value.cast(const { T::FORMAT.with_overflow(Overflow::Wrap(0)) }).as_i128_wrapping())
}

/// The value, or the nearest end of the range.
#[inline]
pub(crate) fn saturating<T: Number>(value: Exact) -> T {
    T::from_raw(value.cast(const { T::FORMAT.with_overflow(Overflow::Sat) }).as_i128_wrapping())
}

/// The value modulo the range, and whether it was outside.
#[inline]
pub(crate) fn overflowing<T: Number>(value: Exact) -> (T, bool) {
    (wrapping(value), value.overflows(T::FORMAT))
}

/// The value, if it is in range.
#[inline]
pub(crate) fn checked<T: Number>(value: Exact) -> Option<T> {
    if value.overflows(T::FORMAT) { None } else { Some(wrapping(value)) }
}

/// The value, if it is finite and in range.
#[inline]
pub(crate) fn checked_from<T: Number>(value: impl Num) -> Option<T> {
    if value.is_finite() { checked(value.source()) } else { None }
}
