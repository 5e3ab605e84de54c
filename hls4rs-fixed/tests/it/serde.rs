//! Round trips through a text format and through raw integers.

use hls4rs_fixed::{Fixed, Format, Int, RndInf, SatSym, UFixed, Uint, Wide};
use proptest::prelude::*;
use serde::de::value::{Error, I8Deserializer, I128Deserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{from_str, to_string};

use crate::strategies::{format, value};

fn json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    from_str(&to_string(value).expect("to JSON")).expect("from JSON")
}

proptest! {
    #[test]
    fn numbers_round_trip(a: i8, b: u64, c: i128, d: u128) {
        let narrow = Fixed::<7, -20, RndInf, SatSym>::from_bits(a);
        prop_assert_eq!(json(&narrow), narrow);
        let double = UFixed::<53, 60>::from_bits(b);
        prop_assert_eq!(json(&double), double);
        let wide = Fixed::<128, 3>::from_bits(c);
        prop_assert_eq!(json(&wide), wide);
        let integer = Uint::<127>::from_bits(d);
        prop_assert_eq!(json(&integer), integer);
        let byte = Int::<8>::from_bits(a);
        prop_assert_eq!(json(&byte), byte);
    }

    #[test]
    fn formats_and_wide_integers_round_trip(format in format(255), (_, raw) in value(255)) {
        prop_assert_eq!(json(&format), format);
        prop_assert_eq!(json::<Wide>(&raw), raw);
    }
}

#[test]
fn texts() {
    assert_eq!(to_string(&Fixed::<16, 6>::from_bits(-1)).unwrap(), r#""-0.0009765625""#);
    assert_eq!(to_string(&Fixed::<3, 1>::from_bits(-1)).unwrap(), r#""-0.25""#);
    assert_eq!(from_str::<Fixed<16, 6>>("3").unwrap(), 3);
    assert_eq!(from_str::<Fixed<16, 6>>(r#""3.5""#).unwrap(), Fixed::<16, 6>::from_num(3.5));
    let refused = |text| from_str::<Fixed<16, 6>>(text).unwrap_err().to_string();
    assert_eq!(
        refused("0.1"),
        "invalid value: floating point `0.1`, expected a number that fixed<16,6> holds exactly at line 1 column 3"
    );
    assert_eq!(
        refused("32"),
        "invalid value: integer `32`, expected a number that fixed<16,6> holds exactly at line 1 column 2"
    );
    assert!(refused(r#""0.00048828125""#).starts_with("invalid value: string"));
    assert!(
        from_str::<Format>(r#""fixed<16>""#)
            .unwrap_err()
            .to_string()
            .starts_with("expected `,` and the integer bits")
    );
}

/// A deserializer of integers that says it is binary.
struct Binary<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Binary<D> {
    type Error = D::Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[test]
fn binary_formats_hold_the_raw_integer() {
    let byte = |raw: i8| -> I8Deserializer<Error> { raw.into_deserializer() };
    assert_eq!(Fixed::<5, 2>::deserialize(Binary(byte(-16))), Ok(Fixed::<5, 2>::MIN));
    let error = Fixed::<5, 2>::deserialize(Binary(byte(16))).unwrap_err();
    assert_eq!(error.to_string(), "the raw integer 16 is out of the range of fixed<5,2>");
    let wide: I128Deserializer<Error> = i128::MIN.into_deserializer();
    assert_eq!(Fixed::<128, 2>::deserialize(Binary(wide)), Ok(Fixed::<128, 2>::MIN));
}
