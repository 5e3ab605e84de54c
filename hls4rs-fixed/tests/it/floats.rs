//! Floats: the fast path against the exact one, and both against exact arithmetic.

use hls4rs_fixed::{
    Exact, Fixed, Format, FromFloat, Overflow, Rounding, Sat, UFixed, Wide, from_f64, to_f32, to_f64,
};
use proptest::prelude::*;

use crate::strategies::{format, value};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20000))]

    #[test]
    fn fast_path_agrees_for_any_bits(bits: u64, dst in format(63)) {
        let value = f64::from_bits(bits);
        prop_assert_eq!(Wide::from(FromFloat::new(dst).i64(value)), from_f64(value, dst));
    }

    #[test]
    fn fast_path_agrees_near_the_range(mantissa: i32, quarter in -6..40i32, dst in format(63)) {
        let value = f64::from(mantissa) * 2f64.powi(-quarter - dst.frac_bits());
        prop_assert_eq!(Wide::from(FromFloat::new(dst).i64(value)), from_f64(value, dst));
    }

    #[test]
    fn floats_round_trip_where_exact((format, raw) in value(53)) {
        let plain = format.with_overflow(Overflow::Wrap(0));
        prop_assert_eq!(from_f64(to_f64(raw, format.frac_bits()), plain), raw);
        if format.width <= 24 && format.int_bits < 100 {
            prop_assert_eq!(from_f64(f64::from(to_f32(raw, format.frac_bits())), plain), raw);
        }
    }

    #[test]
    fn nearest_floats_are_nearest((format, raw) in value(255)) {
        // The neighbours of the result are no closer; exact in 255 bits and the spacing of a double.
        let frac_bits = format.frac_bits();
        let float = to_f64(raw, frac_bits);
        let value = Exact::new(raw, Format::fixed(256, 256 - frac_bits));
        prop_assert_eq!(value.to_f64().to_bits(), float.to_bits());
        prop_assert_eq!(value.to_f32().to_bits(), to_f32(raw, frac_bits).to_bits());
        let distance = |other: f64| {
            let (lo, hi) = (Format::fixed(256, 256 - frac_bits - 54), raw.shl(0));
            let other = from_f64(other, lo.with_rounding(Rounding::Trn));
            let gap = Exact::new(hi, Format::fixed(256, 256 - frac_bits)) - Exact::new(other, lo);
            if gap.is_negative() { -gap } else { gap }
        };
        if format.width <= 180 && !raw.is_zero() {
            prop_assert!(distance(float) <= distance(float.next_up()));
            prop_assert!(distance(float) <= distance(float.next_down()));
        }
    }
}

#[test]
fn infinity_and_nan_count_as_large_numbers() {
    let nan = f64::from_bits(0xfff8_0000_0000_0001);
    assert_eq!(Fixed::<18, 8>::from_num(f64::INFINITY).to_bits(), 0);
    assert_eq!(Fixed::<18, 8>::from_num(nan).to_bits(), 0);
    type Table = Fixed<18, 8, hls4rs_fixed::Rnd, Sat>;
    assert_eq!(Table::from_num(f64::INFINITY), Table::MAX);
    assert_eq!(Table::from_num(f32::NEG_INFINITY), Table::MIN);
    assert_eq!(Table::from_num(nan), Table::MIN);
    assert_eq!(Table::from_num(-nan), Table::MAX);
    assert_eq!(Table::checked_from_num(f64::NAN), None);
    assert_eq!(UFixed::<100, 20, hls4rs_fixed::Trn, Sat>::from_num(f64::INFINITY).to_bits(), u128::MAX >> 28);
}

#[test]
fn zeros_and_subnormals() {
    let toward_minus = Format::fixed(16, 6);
    assert_eq!(from_f64(-0.0, toward_minus), Wide::ZERO);
    assert_eq!(FromFloat::new(toward_minus).i64(-0.0), 0);
    for tiny in [f64::from_bits(1), f64::MIN_POSITIVE, 1e-300] {
        assert_eq!(FromFloat::new(toward_minus).i64(-tiny), -1);
        assert_eq!(FromFloat::new(toward_minus).i64(tiny), 0);
    }
    assert_eq!(from_f64(f64::from_bits(1), Format::ufixed(4, -1070)), Wide::ONE);
}

#[test]
fn single_precision_rounds_once() {
    // 2^24 + 1 + 2^-30: above the tie; through a double it would be the tie itself, and go to even.
    let raw = (1i128 << 54) + (1 << 30) + 1;
    assert_eq!(to_f32(Wide::from(raw), 30), 16777218.0);
    assert_eq!(Fixed::<64, 34>::from_bits(raw as i64).to_num::<f32>(), 16777218.0);
}
