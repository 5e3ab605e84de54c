//! Exact intermediate results.

mod ops;

use core::cmp::Ordering;
use core::fmt;

use crate::big::Big;
use crate::float::dyadic;
use crate::sealed::Sealed;
use crate::storage::Bits;
use crate::{Cast, Format, Number, Operand, Wide, decimal, to_f32, to_f64};

/// The greatest two's complement width of an exact value.
const MAX_BITS: u32 = 767;

/// The exact result of `+`, `-` and `*` on numbers of any formats.
///
/// Nothing is rounded and nothing overflows until the value is assigned to a format, with [`to`](Exact::to)
/// or `+=`.
/// Comparisons are exact, too.
///
/// The value carries the format that C++ gives to the expression (section 3 of the reference: sums grow by
/// one integer bit, products by both widths).
/// Up to 128 bits the arithmetic is that of an `i128`, and less where the compiler sees the formats.
///
/// # Panics
/// `+`, `-` and `*` panic where a result needs more than 767 bits.
/// Sums, differences and products of two numbers never do, whatever their formats; long chains of products
/// can.
///
/// ```
/// use hls4rs_fixed::{Exact, Fixed, Rnd, Sat, UFixed};
///
/// let x = Fixed::<8, 3>::from_num(2.71875);
/// let w = UFixed::<4, 0>::from_num(0.6875);
/// let y: Exact = x * w - x;
/// assert_eq!(y, Fixed::<20, 8>::from_num(-0.849609375));
/// assert_eq!(y.format().to_string(), "fixed<13,4>");
/// assert_eq!(y.to::<Fixed<8, 3, Rnd, Sat>>().to_bits(), -27); // -27.1875 steps of 1/32
/// ```
#[derive(Clone, Copy)]
pub struct Exact {
    value: Value,
    format: Format,
}

/// `Narrow` whenever the format fits 128 bits.
#[derive(Clone, Copy)]
enum Value {
    Narrow(i128),
    Broad(Big),
}

impl Exact {
    /// Zero.
    pub const ZERO: Exact = Exact { value: Value::Narrow(0), format: Format::ufixed(1, 1) };

    /// The value `raw · 2^-format.frac_bits()`; the modes of the format play no part.
    ///
    /// The raw value must lie in the range of the format.
    #[inline]
    pub const fn new(raw: Wide, format: Format) -> Exact {
        let value = match raw.to_i128() {
            Some(narrow) => Value::Narrow(narrow),
            None => Value::Broad(Big::from_wide(raw)),
        };
        Exact { value, format: plain(format) }
    }

    /// As [`new`](Exact::new), without the detour where the format says that an `i128` will do.
    #[inline(always)]
    pub(crate) fn from_wide_or_narrow<B: Bits>(bits: B, format: Format) -> Exact {
        if format.container_bits() <= 128 {
            Exact { value: Value::Narrow(bits.to_i128()), format: plain(format) }
        } else {
            Exact::new(bits.to_wide(), format)
        }
    }

    /// The exact value of a float; only for casting, as alignment with another value may exceed all bounds.
    pub(crate) fn from_dyadic(value: f64) -> Exact {
        let (mantissa, exponent) = dyadic(value);
        Exact { value: Value::Narrow(mantissa.into()), format: Format::fixed(54, 54 + exponent) }
    }

    /// The format of the expression, `TRN` and `WRAP`.
    #[inline]
    pub const fn format(self) -> Format {
        self.format
    }

    /// The value `raw · 2^-self.format().frac_bits()`, or `None` where the raw integer exceeds 256 bits.
    pub const fn raw(self) -> Option<Wide> {
        match self.value {
            Value::Narrow(raw) => Some(Wide::from_i128(raw)),
            Value::Broad(raw) if raw.bits() <= Wide::BITS => Some(raw.as_wide_wrapping()),
            Value::Broad(_) => None,
        }
    }

    /// Assigns the value to a variable of type `T`: the one cast.
    #[inline(always)]
    pub fn to<T: Number>(self) -> T {
        let dst = T::FORMAT;
        if let Value::Narrow(raw) = self.value {
            let cast = Cast::new(self.format, dst);
            if cast.container_bits() <= 64 {
                return T::from_i64(cast.i64(raw as i64));
            }
            if cast.container_bits() <= 128 {
                return T::from_raw(cast.i128(raw));
            }
        }
        T::from_raw(self.cast(dst).as_i128_wrapping())
    }

    /// The raw value that assigning to a variable of the format `dst` leaves there.
    pub const fn cast(self, dst: Format) -> Wide {
        let cast = Cast::new(self.format, dst);
        match self.value {
            Value::Narrow(raw) => cast.wide(Wide::from_i128(raw)),
            Value::Broad(raw) => cast.big(raw),
        }
    }

    /// Whether the value, rounded as `dst` says, lies outside the range of `dst`.
    pub const fn overflows(self, dst: Format) -> bool {
        let cast = Cast::new(self.format, dst);
        match self.value {
            Value::Narrow(raw) if cast.container_bits() <= 128 => cast.overflows_i128(raw),
            _ => cast.overflows_big(self.big()),
        }
    }

    /// The nearest `f64`, ties to even.
    pub const fn to_f64(self) -> f64 {
        let (raw, frac_bits) = self.shortened();
        to_f64(raw, frac_bits)
    }

    /// The nearest `f32`, ties to even, rounded once.
    pub const fn to_f32(self) -> f32 {
        let (raw, frac_bits) = self.shortened();
        to_f32(raw, frac_bits)
    }

    /// Whether the value is below zero.
    pub const fn is_negative(self) -> bool {
        match self.value {
            Value::Narrow(raw) => raw < 0,
            Value::Broad(raw) => raw.is_negative(),
        }
    }

    pub(crate) const fn big(self) -> Big {
        match self.value {
            Value::Narrow(raw) => Big::from_i128(raw),
            Value::Broad(raw) => raw,
        }
    }

    pub(crate) const fn from_big(raw: Big, format: Format) -> Exact {
        let value = match raw.as_wide_wrapping().to_i128() {
            Some(narrow) if raw.bits() <= 128 => Value::Narrow(narrow),
            _ => Value::Broad(raw),
        };
        Exact { value, format }
    }

    /// The same value in the narrowest format that holds it.
    const fn tightened(self) -> Exact {
        let raw = self.big();
        if raw.is_zero() {
            return Exact::ZERO;
        }
        let zeros = raw.trailing_zeros();
        let raw = raw.shr(zeros);
        let width = raw.bits();
        Exact::from_big(raw, Format::fixed(width, width as i32 - self.format.frac_bits() + zeros as i32))
    }

    /// A raw value and fraction bits that every binary float rounds as this value: a tail far below the
    /// precision is replaced by its being there.
    const fn shortened(self) -> (Wide, i32) {
        if let Some(raw) = self.raw() {
            return (raw, self.format.frac_bits());
        }
        let raw = self.big();
        let drop = raw.bits() - 255;
        let kept = raw.shr(drop);
        let tail = !kept.shl(drop).eq(raw);
        (
            kept.shl(1).or(Big::from_i128(tail as i128)).as_wide_wrapping(),
            self.format.frac_bits() - drop as i32 + 1,
        )
    }
}

/// The format without its modes.
#[inline(always)]
const fn plain(format: Format) -> Format {
    Format { signed: format.signed, ..Format::fixed(format.width, format.int_bits) }
}

impl Sealed for Exact {}

impl Operand for Exact {
    #[inline(always)]
    fn exact(self) -> Exact {
        self
    }
}

impl Default for Exact {
    fn default() -> Exact {
        Exact::ZERO
    }
}

/// Compares two exact values.
#[inline(always)]
pub(crate) fn compare(a: Exact, b: Exact) -> Ordering {
    let frac_bits = a.format.frac_bits().max(b.format.frac_bits());
    let (left_a, left_b) = (frac_bits - a.format.frac_bits(), frac_bits - b.format.frac_bits());
    let bits = (a.format.container_bits() as i32 + left_a).max(b.format.container_bits() as i32 + left_b);
    match (a.value, b.value) {
        (Value::Narrow(x), Value::Narrow(y)) if bits <= 128 => (x << left_a).cmp(&(y << left_b)),
        _ => compare_slowly(a.tightened(), b.tightened()),
    }
}

#[cold]
fn compare_slowly(a: Exact, b: Exact) -> Ordering {
    let (x, y) = (a.big(), b.big());
    let sign = |raw: Big| if raw.is_negative() { -1 } else { i32::from(!raw.is_zero()) };
    let (sign_x, sign_y) = (sign(x), sign(y));
    if sign_x != sign_y || sign_x == 0 {
        return sign_x.cmp(&sign_y);
    }
    // Tightened values differ by less than a factor of two only if their integer bits agree; then the binary
    // points are at most MAX_BITS apart.
    if a.format.int_bits != b.format.int_bits {
        let greater = a.format.int_bits.cmp(&b.format.int_bits);
        return if sign_x < 0 { greater.reverse() } else { greater };
    }
    let frac_bits = a.format.frac_bits().max(b.format.frac_bits());
    let align = |raw: Big, format: Format| raw.shl((frac_bits - format.frac_bits()).unsigned_abs());
    let (x, y) = (align(x, a.format), align(y, b.format));
    if x.lt(y) {
        Ordering::Less
    } else if x.eq(y) {
        Ordering::Equal
    } else {
        Ordering::Greater
    }
}

impl Eq for Exact {}

impl Ord for Exact {
    #[inline]
    fn cmp(&self, other: &Exact) -> Ordering {
        compare(*self, *other)
    }
}

impl<R: Operand> PartialEq<R> for Exact {
    #[inline]
    fn eq(&self, other: &R) -> bool {
        compare(*self, other.exact()).is_eq()
    }
}

impl<R: Operand> PartialOrd<R> for Exact {
    #[inline]
    fn partial_cmp(&self, other: &R) -> Option<Ordering> {
        Some(compare(*self, other.exact()))
    }
}

/// The exact decimal expansion.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.big(), self.format.frac_bits())
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.format)
    }
}
