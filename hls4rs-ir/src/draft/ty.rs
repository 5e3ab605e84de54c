//! The types of hls4ml: formats, and the encodings of binary and power-of-two values.

use core::fmt;
use core::str::FromStr;

use hls4rs_fixed::Format;

/// What a slot holds, in the words of configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A fixed-point number or a whole number.
    Fixed(Format),
    /// One bit: 0 stands for -1, 1 for 1.
    Xnor,
    /// A sign and a power of two, whose exponent has this many bits.
    Exponent(u32),
}

/// Why a text is not a type that can be computed with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeError {
    /// A floating-point type.
    #[error(
        "`{0}` is a floating-point type; only fixed-point and integer types can be simulated and emitted"
    )]
    Float(String),
    /// No type at all.
    #[error("{0}")]
    Format(#[from] hls4rs_fixed::ParseFormatError),
}

impl Type {
    /// The format, if it is a fixed-point or whole number.
    pub fn format(self) -> Option<Format> {
        match self {
            Self::Fixed(format) => Some(format),
            Self::Xnor | Self::Exponent(_) => None,
        }
    }
}

impl From<Format> for Type {
    fn from(format: Format) -> Self {
        Self::Fixed(format)
    }
}

/// Starts of the names of floating-point types.
const FLOATS: [&str; 9] = [
    "float",
    "double",
    "half",
    "bfloat16",
    "ap_float",
    "std_float",
    "ac_std_float",
    "ac_float",
    "std::float",
];

impl FromStr for Type {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, TypeError> {
        if FLOATS.iter().any(|float| text.trim().to_lowercase().starts_with(float)) {
            return Err(TypeError::Float(text.trim().to_owned()));
        }
        Ok(Self::Fixed(text.parse()?))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(format) => format.fmt(f),
            Self::Xnor => f.write_str("xnor"),
            Self::Exponent(width) => write!(f, "exponent<{width}>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_configurations() {
        assert_eq!("ap_fixed<16,6>".parse(), Ok(Type::Fixed(Format::fixed(16, 6))));
        assert_eq!("ac_int<3,false>".parse(), Ok(Type::Fixed(Format::uint(3))));
        assert_eq!("float".parse::<Type>(), Err(TypeError::Float("float".to_owned())));
        assert!("auto".parse::<Type>().is_err());
    }
}
