//! `Serialize` and `Deserialize`: formats as their text, numbers exactly.
//!
//! | value | text formats (JSON) | binary formats |
//! |---|---|---|
//! | [`Format`] | `"fixed<16,6>"` | the same string |
//! | number | a string with its exact decimal expansion | the raw integer in its primitive type |
//! | [`Wide`] | a string of decimal digits | the same string |
//!
//! A string, because readers of floats may be off by a last place (`serde_json` is, by default).
//! Plain floats and integers are read, too.
//! Reading refuses a value that the type does not hold exactly, and a raw integer out of range.
//!
//! ```
//! use hls4rs_fixed::{Fixed, Format};
//!
//! let x = Fixed::<16, 6>::from_num(-2.5);
//! assert_eq!(serde_json::to_string(&x)?, r#""-2.5""#);
//! assert_eq!(serde_json::from_str::<Fixed<16, 6>>("-2.5")?, x);
//! assert!(serde_json::from_str::<Fixed<16, 6>>("0.1").is_err());
//! assert_eq!(serde_json::to_string(&Format::int(8))?, r#""int<8>""#);
//! # Ok::<(), serde_json::Error>(())
//! ```

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::decimal::{self, Decimal};
use crate::fixed::{Fixed, Int, UFixed, Uint};
use crate::modes::{OverflowMode, RoundingMode};
use crate::storage::{Storage, Width};
use crate::{Format, Num, Number, Wide};

/// Writes and reads a type as the text of its `Display` and `FromStr`.
macro_rules! as_text {
    ($($Type:ty: $expected:literal;)*) => {$(
        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$Type, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $Type;

                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$Type, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Text)
            }
        }
    )*};
}

as_text! {
    Format: "a format such as `fixed<16,6>`";
    Wide: "an integer of at most 256 bits in decimal digits";
}

fn serialize<T: Number, S: Serializer>(value: T, serializer: S) -> Result<S::Ok, S::Error> {
    let (format, raw) = (T::FORMAT, value.raw());
    if serializer.is_human_readable() {
        return serializer.collect_str(&value);
    }
    match (format.width, format.signed) {
        (0..=8, true) => serializer.serialize_i8(raw as i8),
        (0..=8, false) => serializer.serialize_u8(raw as u8),
        (9..=16, true) => serializer.serialize_i16(raw as i16),
        (9..=16, false) => serializer.serialize_u16(raw as u16),
        (17..=32, true) => serializer.serialize_i32(raw as i32),
        (17..=32, false) => serializer.serialize_u32(raw as u32),
        (33..=64, true) => serializer.serialize_i64(raw as i64),
        (33..=64, false) => serializer.serialize_u64(raw as u64),
        (_, true) => serializer.serialize_i128(raw),
        (_, false) => serializer.serialize_u128(raw as u128),
    }
}

fn deserialize<'de, T: Number, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let format = T::FORMAT;
    if deserializer.is_human_readable() {
        return deserializer.deserialize_any(Readable(PhantomData));
    }
    let raw = match (format.width, format.signed) {
        (0..=8, true) => i8::deserialize(deserializer)?.into(),
        (0..=8, false) => u8::deserialize(deserializer)?.into(),
        (9..=16, true) => i16::deserialize(deserializer)?.into(),
        (9..=16, false) => u16::deserialize(deserializer)?.into(),
        (17..=32, true) => i32::deserialize(deserializer)?.into(),
        (17..=32, false) => u32::deserialize(deserializer)?.into(),
        (33..=64, true) => i64::deserialize(deserializer)?.into(),
        (33..=64, false) => u64::deserialize(deserializer)?.into(),
        (_, true) => i128::deserialize(deserializer)?.into(),
        (_, false) => Wide::from(u128::deserialize(deserializer)?),
    };
    if format.contains_raw(raw) {
        Ok(T::from_raw(raw.as_i128_wrapping()))
    } else {
        Err(D::Error::custom(format_args!("the raw integer {raw} is out of the range of {format}")))
    }
}

/// Reads a number from a float, an integer or a decimal string, exactly.
struct Readable<T>(PhantomData<T>);

impl<T: Number> Readable<T> {
    fn exactly<E: Error>(self, value: impl Num, found: Unexpected) -> Result<T, E> {
        let number: T = crate::family::wrapping(value.source());
        let same = value.is_finite() && number.exact() == value.source();
        if same { Ok(number) } else { Err(E::invalid_value(found, &self)) }
    }
}

impl<T: Number> Visitor<'_> for Readable<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a number that {} holds exactly", T::FORMAT)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.exactly(value, Unexpected::Float(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.exactly(value, Unexpected::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.exactly(value, Unexpected::Unsigned(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let Decimal { value, is_exact } = decimal::parse(text, T::FORMAT.frac_bits()).map_err(E::custom)?;
        let number: T = crate::family::wrapping(value);
        let same = is_exact && number.exact() == value;
        if same { Ok(number) } else { Err(E::invalid_value(Unexpected::Str(text), &self)) }
    }
}

macro_rules! numbers {
    ($($Type:ident [$($parameter:tt)*] [$($argument:tt)*];)*) => {$(
        impl<$($parameter)*> Serialize for $Type<$($argument)*> where Width<W>: Storage {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize(*self, serializer)
            }
        }

        impl<'de, $($parameter)*> Deserialize<'de> for $Type<$($argument)*> where Width<W>: Storage {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize(deserializer)
            }
        }
    )*};
}

numbers! {
    Fixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    UFixed [const W: u32, const I: i32, Q: RoundingMode, O: OverflowMode] [W, I, Q, O];
    Int [const W: u32] [W];
    Uint [const W: u32] [W];
}
