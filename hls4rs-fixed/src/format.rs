//! Number formats.

use core::fmt;

use crate::Wide;

/// What happens to dropped fraction bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Toward minus infinity.
    #[default]
    Trn,
    /// Toward zero.
    TrnZero,
    /// To nearest, ties toward plus infinity.
    Rnd,
    /// To nearest, ties toward zero.
    RndZero,
    /// To nearest, ties away from zero.
    RndInf,
    /// To nearest, ties toward minus infinity.
    RndMinInf,
    /// To nearest, ties to even.
    RndConv,
    /// To nearest, ties to odd.
    RndConvOdd,
}

/// What happens to a value beyond the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// Keeps the low bits; with saturated bits.
    Wrap(u32),
    /// Sign-magnitude wrap; with saturated bits.
    WrapSm(u32),
    /// The nearest limit.
    Sat,
    /// Zero.
    SatZero,
    /// The nearest limit of a symmetric range.
    SatSym,
}

impl Default for Overflow {
    fn default() -> Self {
        Self::Wrap(0)
    }
}

/// A fixed-point format.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Format {
    /// Bits, sign included.
    pub width: u32,
    /// Bits left of the point, sign included.
    pub int_bits: i32,
    /// Whether values can be negative.
    pub signed: bool,
    /// What happens to dropped fraction bits.
    pub rounding: Rounding,
    /// What happens beyond the limits.
    pub overflow: Overflow,
}

impl Format {
    /// The widest format.
    pub const MAX_WIDTH: u32 = 256;

    const fn plain(width: u32, int_bits: i32, signed: bool) -> Self {
        Self { width, int_bits, signed, rounding: Rounding::Trn, overflow: Overflow::Wrap(0) }
    }
    /// Signed.
    pub const fn fixed(width: u32, int_bits: i32) -> Self {
        Self::plain(width, int_bits, true)
    }
    /// Unsigned.
    pub const fn ufixed(width: u32, int_bits: i32) -> Self {
        Self::plain(width, int_bits, false)
    }
    /// Signed integer.
    pub const fn int(width: u32) -> Self {
        Self::fixed(width, width as i32).with_rounding(Rounding::TrnZero)
    }
    /// Unsigned integer.
    pub const fn uint(width: u32) -> Self {
        Self::ufixed(width, width as i32).with_rounding(Rounding::TrnZero)
    }
    /// With another rounding.
    pub const fn with_rounding(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }
    /// With another overflow.
    pub const fn with_overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }
    /// Bits right of the point.
    pub const fn frac_bits(self) -> i32 {
        self.width as i32 - self.int_bits
    }
    /// Least raw.
    pub const fn min_raw(self) -> Wide {
        if self.signed { Wide::ONE.shl(self.width - 1).neg() } else { Wide::ZERO }
    }
    /// Greatest raw.
    pub const fn max_raw(self) -> Wide {
        if self.width - self.signed as u32 >= 255 {
            return Wide::ONE.shl(255).not();
        }
        Wide::ONE.shl(self.width - self.signed as u32).sub(Wide::ONE)
    }
    /// Whether raw is within limits.
    pub const fn contains_raw(self, raw: Wide) -> bool {
        !raw.lt(self.min_raw()) && !self.max_raw().lt(raw)
    }
    /// Whether this is an integer.
    pub const fn is_integer(self) -> bool {
        self.int_bits == self.width as i32
            && matches!(self.rounding, Rounding::TrnZero)
            && matches!(self.overflow, Overflow::Wrap(0))
    }
    /// a*b.
    pub const fn product(self, other: Self) -> Self {
        Self::plain(self.width + other.width, self.int_bits + other.int_bits, self.signed || other.signed)
    }
    /// a+b.
    pub const fn sum(self, other: Self) -> Self {
        let a = self.int_bits + (other.signed && !self.signed) as i32;
        let b = other.int_bits + (self.signed && !other.signed) as i32;
        let int_bits = if a > b { a } else { b } + 1;
        let (fa, fb) = (self.frac_bits(), other.frac_bits());
        let width = int_bits + if fa > fb { fa } else { fb };
        Self::plain(width as u32, int_bits, self.signed || other.signed)
    }
    /// a-b.
    pub const fn difference(self, other: Self) -> Self {
        Self { signed: true, ..self.sum(other) }
    }
    /// -a.
    pub const fn negation(self) -> Self {
        Self::plain(self.width + 1, self.int_bits + 1, true)
    }
    /// Narrowest format that holds.
    pub const fn holding(lo: Wide, hi: Wide, frac_bits: i32) -> Self {
        let signed = lo.is_negative();
        let (a, b) = (lo.bits(), hi.bits());
        let bits = if a > b { a } else { b };
        let width = if signed { bits } else if bits > 1 { bits - 1 } else { 1 };
        Self::plain(width, width as i32 - frac_bits, signed)
    }
    /// Legality.
    pub fn check(self) -> Result<(), FormatError> {
        let n_ok = match self.overflow {
            Overflow::Wrap(n) => n <= self.width,
            Overflow::WrapSm(n) => n <= self.width && self.signed,
            _ => true,
        };
        if self.width >= 1 && self.width <= Self::MAX_WIDTH && self.int_bits.abs() <= 1024 && n_ok {
            Ok(())
        } else {
            Err(FormatError)
        }
    }
}

/// Not legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatError;
impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("illegal format")
    }
}
