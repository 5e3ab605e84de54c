//! Printing formats: our short spelling and the vendors' C++ types.

use core::fmt;

use crate::{Format, Overflow, Rounding};

impl Rounding {
    /// Every mode, in the order of declaration.
    pub const ALL: [Rounding; 8] = [
        Rounding::Trn,
        Rounding::TrnZero,
        Rounding::Rnd,
        Rounding::RndZero,
        Rounding::RndInf,
        Rounding::RndMinInf,
        Rounding::RndConv,
        Rounding::RndConvOdd,
    ];

    /// The mode's name in the field, without a vendor's prefix: `"RND_CONV"`.
    pub const fn name(self) -> &'static str {
        match self {
            Rounding::Trn => "TRN",
            Rounding::TrnZero => "TRN_ZERO",
            Rounding::Rnd => "RND",
            Rounding::RndZero => "RND_ZERO",
            Rounding::RndInf => "RND_INF",
            Rounding::RndMinInf => "RND_MIN_INF",
            Rounding::RndConv => "RND_CONV",
            Rounding::RndConvOdd => "RND_CONV_ODD",
        }
    }

    /// The name of the mode's type in this crate: `"RndConv"`.
    pub const fn type_name(self) -> &'static str {
        match self {
            Rounding::Trn => "Trn",
            Rounding::TrnZero => "TrnZero",
            Rounding::Rnd => "Rnd",
            Rounding::RndZero => "RndZero",
            Rounding::RndInf => "RndInf",
            Rounding::RndMinInf => "RndMinInf",
            Rounding::RndConv => "RndConv",
            Rounding::RndConvOdd => "RndConvOdd",
        }
    }
}

impl Overflow {
    /// Every mode, in the order of declaration, with no saturated bits.
    pub const ALL: [Overflow; 5] =
        [Overflow::Wrap(0), Overflow::WrapSm(0), Overflow::Sat, Overflow::SatZero, Overflow::SatSym];

    /// The mode's name in the field, without a vendor's prefix: `"SAT_SYM"`.
    pub const fn name(self) -> &'static str {
        match self {
            Overflow::Wrap(_) => "WRAP",
            Overflow::WrapSm(_) => "WRAP_SM",
            Overflow::Sat => "SAT",
            Overflow::SatZero => "SAT_ZERO",
            Overflow::SatSym => "SAT_SYM",
        }
    }

    /// The name of the mode's type in this crate: `"SatSym"`, or `"WrapN<3>"` with saturated bits.
    pub fn type_name(self) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            Overflow::Wrap(0) => f.write_str("Wrap"),
            Overflow::Wrap(n) => write!(f, "WrapN<{n}>"),
            Overflow::WrapSm(n) => write!(f, "WrapSm<{n}>"),
            Overflow::Sat => f.write_str("Sat"),
            Overflow::SatZero => f.write_str("SatZero"),
            Overflow::SatSym => f.write_str("SatSym"),
        })
    }

    /// Whether the least value of a signed format is excluded.
    pub(crate) const fn is_symmetric(self) -> bool {
        matches!(self, Overflow::SatSym)
    }

    /// The number of saturated bits, 0 for the modes that have none.
    pub const fn saturated_bits(self) -> u32 {
        match self {
            Overflow::Wrap(n) | Overflow::WrapSm(n) => n,
            _ => 0,
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The short spelling: `fixed<16,6>`, `ufixed<8,0,RND,SAT>`, `fixed<8,3,TRN,WRAP,2>`, `int<8>`.
///
/// [`str::parse`] reads it back to the same format.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.signed { "" } else { "u" };
        if self.is_integer() {
            return write!(f, "{sign}int<{}>", self.width);
        }
        write!(f, "{sign}fixed<{},{}", self.width, self.int_bits)?;
        if !self.has_default_modes() {
            write!(f, ",{},{}", self.rounding.name(), self.overflow.name())?;
        }
        match self.overflow.saturated_bits() {
            0 => f.write_str(">"),
            n => write!(f, ",{n}>"),
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Format {
    const fn has_default_modes(self) -> bool {
        matches!((self.rounding, self.overflow), (Rounding::Trn, Overflow::Wrap(0)))
    }

    /// The type of numbers of this format in this crate: `Fixed<16, 6>`, `UFixed<8, 0, Rnd, Sat>`, `Int<8>`.
    ///
    /// ```
    /// use hls4rs_fixed::{Format, Overflow, Rounding};
    /// assert_eq!(Format::int(8).type_name().to_string(), "Int<8>");
    /// let modes = Format::ufixed(8, 0).with_rounding(Rounding::RndConv).with_overflow(Overflow::Wrap(2));
    /// assert_eq!(modes.type_name().to_string(), "UFixed<8, 0, RndConv, WrapN<2>>");
    /// ```
    pub fn type_name(self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            let sign = if self.signed { "" } else { "U" };
            if self.is_integer() {
                return write!(f, "{}<{}>", if self.signed { "Int" } else { "Uint" }, self.width);
            }
            write!(f, "{sign}Fixed<{}, {}", self.width, self.int_bits)?;
            match (self.rounding, self.overflow) {
                (Rounding::Trn, Overflow::Wrap(0)) => f.write_str(">"),
                (rounding, Overflow::Wrap(0)) => write!(f, ", {}>", rounding.type_name()),
                (rounding, overflow) => write!(f, ", {}, {}>", rounding.type_name(), overflow.type_name()),
            }
        })
    }

    /// The C++ type in the `ap_fixed` family: `ap_fixed<16,6>`, or all five parameters where the modes are
    /// not the default.
    ///
    /// Integer formats are spelled as fixed ones that truncate towards zero, which does the same without the
    /// peculiar conversions of `ap_int`.
    /// Meaningful only where [`spelled_by_ap`](Format::spelled_by_ap).
    ///
    /// ```
    /// use hls4rs_fixed::{Format, Overflow, Rounding};
    /// assert_eq!(Format::fixed(16, 6).ap().to_string(), "ap_fixed<16,6>");
    /// let modes = Format::ufixed(8, 0).with_rounding(Rounding::RndConv).with_overflow(Overflow::Wrap(2));
    /// assert_eq!(modes.ap().to_string(), "ap_ufixed<8,0,AP_RND_CONV,AP_WRAP,2>");
    /// assert_eq!(Format::int(8).ap().to_string(), "ap_fixed<8,8,AP_TRN_ZERO,AP_WRAP,0>");
    /// ```
    pub fn ap(self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            let sign = if self.signed { "" } else { "u" };
            write!(f, "ap_{sign}fixed<{},{}", self.width, self.int_bits)?;
            if !self.has_default_modes() {
                let (rounding, overflow) = (self.rounding.name(), self.overflow.name());
                write!(f, ",AP_{rounding},AP_{overflow},{}", self.overflow.saturated_bits())?;
            }
            f.write_str(">")
        })
    }

    /// The C++ type in the `ac_fixed` family: `ac_fixed<16,6,true>`, with both modes where they are not the
    /// default.
    ///
    /// Meaningful only where [`spelled_by_ac`](Format::spelled_by_ac).
    ///
    /// ```
    /// use hls4rs_fixed::{Format, Overflow, Rounding};
    /// assert_eq!(Format::ufixed(16, 6).ac().to_string(), "ac_fixed<16,6,false>");
    /// let modes = Format::fixed(16, 6).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat);
    /// assert_eq!(modes.ac().to_string(), "ac_fixed<16,6,true,AC_RND,AC_SAT>");
    /// ```
    pub fn ac(self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            write!(f, "ac_fixed<{},{},{}", self.width, self.int_bits, self.signed)?;
            if !self.has_default_modes() {
                write!(f, ",AC_{},AC_{}", self.rounding.name(), self.overflow.name())?;
            }
            f.write_str(">")
        })
    }

    /// Whether the `ap_fixed` family has this format: all but `RND_CONV_ODD`.
    pub const fn spelled_by_ap(self) -> bool {
        !matches!(self.rounding, Rounding::RndConvOdd)
    }

    /// Whether the `ac_fixed` family has this format: all but saturated bits and `WRAP_SM`.
    pub const fn spelled_by_ac(self) -> bool {
        !matches!(self.overflow, Overflow::WrapSm(_) | Overflow::Wrap(1..))
    }
}
