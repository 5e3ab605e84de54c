//! Formats: how a raw integer stands for a number, and what an assignment to it does.

use core::fmt;

use crate::Wide;

/// What an assignment does with the fraction bits it drops.
///
/// With `f` the floor, `h` the first dropped bit and `r` whether any bit below it is set, the result is `f`
/// or `f + 1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// `TRN`: towards minus infinity.
    #[default]
    Trn,
    /// `TRN_ZERO`: towards zero.
    TrnZero,
    /// `RND`: to nearest, ties towards plus infinity.
    Rnd,
    /// `RND_ZERO`: to nearest, ties towards zero.
    RndZero,
    /// `RND_INF`: to nearest, ties away from zero.
    RndInf,
    /// `RND_MIN_INF`: to nearest, ties towards minus infinity.
    RndMinInf,
    /// `RND_CONV`: to nearest, ties to even.
    RndConv,
    /// `RND_CONV_ODD`: to nearest, ties to odd (`ac_fixed` only).
    RndConvOdd,
}

/// What an assignment does with a value that does not fit.
///
/// The field of the wrapping modes is the number of saturated bits, 0 for plain wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Overflow {
    /// `WRAP`: the low bits are kept; with `n` saturated bits only the low `W - n`, the others show the
    /// direction.
    Wrap(u32),
    /// `WRAP_SM`: wrapping of the magnitude (`ap_fixed` only, signed only).
    WrapSm(u32),
    /// `SAT`: the nearest end of the range.
    Sat,
    /// `SAT_ZERO`: zero.
    SatZero,
    /// `SAT_SYM`: as `SAT`, and the least value of a signed format becomes its neighbour, so that the range
    /// is symmetric.
    SatSym,
}

impl Default for Overflow {
    fn default() -> Overflow {
        Overflow::Wrap(0)
    }
}

/// A fixed-point format: the raw integer `r` of `width` bits stands for `r · 2^-(width - int_bits)`.
///
/// `int_bits` counts the bits left of the binary point, sign included; it may be negative or exceed the
/// width.
/// An integer type (`int<W>`, `uint<W>`) is the format with `int_bits == width` that truncates towards zero
/// and wraps.
///
/// Any field values can be written; the other methods are meant for formats that pass
/// [`check`](Format::check).
///
/// ```
/// use hls4rs_fixed::{Format, Overflow, Rounding};
///
/// let format: Format = "ap_fixed<16, 6, AP_RND, AP_SAT>".parse()?;
/// assert_eq!(format, Format::fixed(16, 6).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat));
/// assert_eq!(format.to_string(), "fixed<16,6,RND,SAT>");
/// assert_eq!(format.frac_bits(), 10);
/// assert_eq!(format.product(Format::fixed(8, 1)).to_string(), "fixed<24,7>");
/// # Ok::<(), hls4rs_fixed::ParseFormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Format {
    /// All bits, `W`.
    pub width: u32,
    /// Bits left of the binary point, sign included, `I`.
    pub int_bits: i32,
    /// Two's complement if set, otherwise no value is negative.
    pub signed: bool,
    /// What happens to dropped fraction bits, `Q`.
    pub rounding: Rounding,
    /// What happens to values out of range, `O` and `N`.
    pub overflow: Overflow,
}

pub(crate) const fn max(a: i32, b: i32) -> i32 {
    if a > b { a } else { b }
}

impl Format {
    /// The greatest width of a legal format; unsigned ones are one bit narrower, so that every raw value is a
    /// [`Wide`].
    pub const MAX_WIDTH: u32 = 256;
    /// The greatest magnitude of `int_bits` of a legal format.
    pub const MAX_INT_BITS: u32 = 1024;

    /// `fixed<width, int_bits>`: signed, truncating, wrapping.
    #[inline]
    pub const fn fixed(width: u32, int_bits: i32) -> Format {
        Format { width, int_bits, signed: true, rounding: Rounding::Trn, overflow: Overflow::Wrap(0) }
    }

    /// `ufixed<width, int_bits>`: unsigned, truncating, wrapping.
    #[inline]
    pub const fn ufixed(width: u32, int_bits: i32) -> Format {
        Format { signed: false, ..Format::fixed(width, int_bits) }
    }

    /// `int<width>`: a signed integer; assignments truncate towards zero and wrap.
    #[inline]
    pub const fn int(width: u32) -> Format {
        Format { rounding: Rounding::TrnZero, ..Format::fixed(width, width as i32) }
    }

    /// `uint<width>`: an unsigned integer; assignments truncate towards zero and wrap.
    #[inline]
    pub const fn uint(width: u32) -> Format {
        Format { signed: false, ..Format::int(width) }
    }

    /// The same format with another rounding mode.
    #[inline]
    pub const fn with_rounding(self, rounding: Rounding) -> Format {
        Format { rounding, ..self }
    }

    /// The same format with another overflow mode.
    #[inline]
    pub const fn with_overflow(self, overflow: Overflow) -> Format {
        Format { overflow, ..self }
    }

    /// The bits right of the binary point, `width - int_bits`; negative where the last bit weighs more than
    /// one.
    #[inline]
    pub const fn frac_bits(self) -> i32 {
        self.width as i32 - self.int_bits
    }

    /// The two's complement width that holds every raw value: one more than `width` for unsigned formats.
    #[inline]
    pub const fn container_bits(self) -> u32 {
        self.width + !self.signed as u32
    }

    /// The least raw value.
    pub const fn min_raw(self) -> Wide {
        if self.signed { Wide::ONE.shl(self.width - 1).neg() } else { Wide::ZERO }
    }

    /// The greatest raw value.
    pub const fn max_raw(self) -> Wide {
        Wide::ONE.shl(self.width - self.signed as u32).sub(Wide::ONE)
    }

    /// Whether `raw` lies in the range of the format.
    pub const fn contains_raw(self, raw: Wide) -> bool {
        self.min_raw().le(&raw) && raw.le(&self.max_raw())
    }

    /// Whether every number of `other` is a number of this format.
    ///
    /// ```
    /// use hls4rs_fixed::Format;
    /// assert!(Format::fixed(17, 7).contains(Format::ufixed(16, 6)));
    /// assert!(!Format::fixed(16, 6).contains(Format::ufixed(16, 6)));
    /// ```
    pub const fn contains(self, other: Format) -> bool {
        let top = self.int_bits - self.signed as i32 >= other.int_bits - other.signed as i32;
        top && (self.signed || !other.signed) && self.frac_bits() >= other.frac_bits()
    }

    /// Whether this is `int<W>` or `uint<W>`.
    #[inline]
    pub const fn is_integer(self) -> bool {
        self.int_bits == self.width as i32
            && matches!(self.rounding, Rounding::TrnZero)
            && matches!(self.overflow, Overflow::Wrap(0))
    }

    /// The format of the exact product of two operands.
    pub const fn product(self, other: Format) -> Format {
        Format {
            signed: self.signed | other.signed,
            ..Format::fixed(self.width + other.width, self.int_bits + other.int_bits)
        }
    }

    /// The format of the exact sum of two operands.
    pub const fn sum(self, other: Format) -> Format {
        let int_bits = self.joint_int_bits(other) + 1;
        let width = (int_bits + max(self.frac_bits(), other.frac_bits())) as u32;
        Format { signed: self.signed | other.signed, ..Format::fixed(width, int_bits) }
    }

    /// The format of the exact difference of two operands, which is always signed.
    pub const fn difference(self, other: Format) -> Format {
        Format { signed: true, ..self.sum(other) }
    }

    /// The format of the exact negation.
    pub const fn negation(self) -> Format {
        Format::fixed(self.width + 1, self.int_bits + 1)
    }

    /// The format of the quotient of two operands: `max(F2, 0) + F1 - F2` fraction bits, see
    /// [`arith::div`](crate::arith::div).
    pub const fn quotient(self, other: Format) -> Format {
        let sign = other.signed as i32;
        let width = self.width + max(other.frac_bits(), 0) as u32 + sign as u32;
        let int_bits = self.int_bits + other.frac_bits() + sign;
        Format { signed: self.signed | other.signed, ..Format::fixed(width, int_bits) }
    }

    /// The integer bits of the narrowest format that holds both operands.
    const fn joint_int_bits(self, other: Format) -> i32 {
        max(
            self.int_bits + (other.signed & !self.signed) as i32,
            other.int_bits + (self.signed & !other.signed) as i32,
        )
    }

    /// The narrowest `TRN`/`WRAP` format with `frac_bits` fraction bits that holds all raw values from `lo`
    /// to `hi`.
    ///
    /// Unsigned if `lo >= 0`; at least one bit wide. Requires `lo <= hi`.
    ///
    /// ```
    /// use hls4rs_fixed::{Format, Wide};
    /// assert_eq!(Format::holding(Wide::from(-8), Wide::from(7), 2), Format::fixed(4, 2));
    /// assert_eq!(Format::holding(Wide::from(0), Wide::from(8), 0), Format::ufixed(4, 4));
    /// assert_eq!(Format::holding(Wide::ZERO, Wide::ZERO, 3), Format::ufixed(1, -2));
    /// ```
    pub const fn holding(lo: Wide, hi: Wide, frac_bits: i32) -> Format {
        let signed = lo.is_negative();
        let (below, above) = (lo.bits(), hi.bits());
        let width = if signed { max(below as i32, above as i32) } else { max(above as i32 - 1, 1) };
        Format { signed, ..Format::fixed(width as u32, width - frac_bits) }
    }

    /// Says whether the format is one that the types of the vendors can have (apart from their own limits of
    /// width).
    ///
    /// # Errors
    /// The first rule that is broken, see [`FormatError`].
    pub const fn check(self) -> Result<(), FormatError> {
        if self.width == 0 || self.container_bits() > Format::MAX_WIDTH {
            return Err(FormatError::Width);
        }
        if self.int_bits.unsigned_abs() > Format::MAX_INT_BITS {
            return Err(FormatError::IntBits);
        }
        match self.overflow {
            Overflow::WrapSm(_) if !self.signed => Err(FormatError::UnsignedWrapSm),
            Overflow::Wrap(n) | Overflow::WrapSm(n) if n > self.width => Err(FormatError::SaturatedBits),
            _ => Ok(()),
        }
    }
}

/// The default of the field's tools, `fixed<16,6>`.
impl Default for Format {
    fn default() -> Format {
        Format::fixed(16, 6)
    }
}

/// Why a [`Format`] is not legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormatError {
    /// The width is zero, more than 256, or more than 255 and unsigned.
    Width,
    /// The integer bits are outside -1024..=1024.
    IntBits,
    /// There are more saturated bits than bits.
    SaturatedBits,
    /// `WRAP_SM` needs a signed format.
    UnsignedWrapSm,
}

impl FormatError {
    /// What is wrong, in words.
    pub const fn message(self) -> &'static str {
        match self {
            FormatError::Width => "expected a width of 1 to 256 bits (255 if unsigned)",
            FormatError::IntBits => "expected -1024 to 1024 integer bits",
            FormatError::SaturatedBits => "expected at most as many saturated bits as the format has bits",
            FormatError::UnsignedWrapSm => {
                "expected another overflow mode: `WRAP_SM` exists for signed formats only"
            }
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for FormatError {}
