//! `+`, `-`, `*` and negation of exact values.

use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::{Exact, MAX_BITS, Value};
use crate::{Format, Operand};

/// Whether an exact value of this format can be computed without tightening.
const fn fits(format: Format) -> bool {
    format.container_bits() <= MAX_BITS
}

#[inline(always)]
fn sum(a: Exact, b: Exact, negate_b: bool) -> Exact {
    let format = if negate_b { a.format.difference(b.format) } else { a.format.sum(b.format) };
    match (a.value, b.value) {
        (Value::Narrow(x), Value::Narrow(y)) if format.container_bits() <= 128 => {
            let x = x << (format.frac_bits() - a.format.frac_bits());
            let y = y << (format.frac_bits() - b.format.frac_bits());
            Exact { value: Value::Narrow(if negate_b { x - y } else { x + y }), format }
        }
        _ if fits(format) => sum_slowly(a, b, negate_b, format),
        _ => {
            let (a, b) = (a.tightened(), b.tightened());
            let format = if negate_b { a.format.difference(b.format) } else { a.format.sum(b.format) };
            sum_slowly(a, b, negate_b, format)
        }
    }
}

#[cold]
fn sum_slowly(a: Exact, b: Exact, negate_b: bool, format: Format) -> Exact {
    assert!(fits(format), "the exact sum needs {} bits, more than {MAX_BITS}", format.container_bits());
    let align = |e: Exact| e.big().shl((format.frac_bits() - e.format.frac_bits()).unsigned_abs());
    let (x, y) = (align(a), align(b));
    Exact::from_big(x.add(if negate_b { y.neg() } else { y }), format)
}

#[inline(always)]
fn product(a: Exact, b: Exact) -> Exact {
    let format = a.format.product(b.format);
    match (a.value, b.value) {
        (Value::Narrow(x), Value::Narrow(y)) if format.container_bits() <= 128 => {
            Exact { value: Value::Narrow(x * y), format }
        }
        _ if fits(format) => product_slowly(a, b, format),
        _ => {
            let (a, b) = (a.tightened(), b.tightened());
            product_slowly(a, b, a.format.product(b.format))
        }
    }
}

#[cold]
fn product_slowly(a: Exact, b: Exact, format: Format) -> Exact {
    assert!(fits(format), "the exact product needs {} bits, more than {MAX_BITS}", format.container_bits());
    Exact::from_big(a.big().mul(b.big()), format)
}

impl<R: Operand> Add<R> for Exact {
    type Output = Exact;
    #[inline(always)]
    fn add(self, other: R) -> Exact {
        sum(self, other.exact(), false)
    }
}

impl<R: Operand> Sub<R> for Exact {
    type Output = Exact;
    #[inline(always)]
    fn sub(self, other: R) -> Exact {
        sum(self, other.exact(), true)
    }
}

impl<R: Operand> Mul<R> for Exact {
    type Output = Exact;
    #[inline(always)]
    fn mul(self, other: R) -> Exact {
        product(self, other.exact())
    }
}

impl<R: Operand> AddAssign<R> for Exact {
    #[inline(always)]
    fn add_assign(&mut self, other: R) {
        *self = *self + other;
    }
}

impl<R: Operand> SubAssign<R> for Exact {
    #[inline(always)]
    fn sub_assign(&mut self, other: R) {
        *self = *self - other;
    }
}

impl<R: Operand> MulAssign<R> for Exact {
    #[inline(always)]
    fn mul_assign(&mut self, other: R) {
        *self = *self * other;
    }
}

impl Neg for Exact {
    type Output = Exact;
    #[inline(always)]
    fn neg(self) -> Exact {
        let format = self.format.negation();
        match self.value {
            Value::Narrow(raw) if format.container_bits() <= 128 => {
                Exact { value: Value::Narrow(-raw), format }
            }
            _ if fits(format) => Exact::from_big(self.big().neg(), format),
            _ => Exact::ZERO - self,
        }
    }
}

impl<R: Operand> Sum<R> for Exact {
    #[inline]
    fn sum<I: Iterator<Item = R>>(values: I) -> Exact {
        values.fold(Exact::ZERO, |total, value| total + value)
    }
}

impl<R: Operand> Product<R> for Exact {
    #[inline]
    fn product<I: Iterator<Item = R>>(values: I) -> Exact {
        let one = Exact { value: Value::Narrow(1), format: Format::ufixed(1, 1) };
        values.fold(one, |total, value| total * value)
    }
}
