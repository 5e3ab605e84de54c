//! Numbers with the format in their type: construction, families, text.

use std::collections::{BTreeSet, HashSet};

use hls4rs_fixed::{Fixed, Int, Number, Rnd, RndConv, Sat, SatSym, UFixed, Uint, from_f64};
use proptest::prelude::*;

type Q4 = Fixed<8, 4>;

#[test]
fn bits_beyond_the_width_are_ignored() {
    assert_eq!(Fixed::<5, 2>::from_bits(0b0001_0011).to_bits(), 0b1111_0011u8 as i8);
    assert_eq!(UFixed::<5, 2>::from_bits(0xff).to_bits(), 31);
    assert_eq!(Uint::<128>::from_raw(-1), Uint::<128>::MAX);
    assert_eq!(Int::<7>::from_i64(64), Int::<7>::MIN);
}

#[test]
fn conversions_from_and_to_primitives() {
    assert_eq!(Q4::from_num(-1.97).to_bits(), -32); // -31.52 towards minus infinity
    assert_eq!(Q4::from_num(9), Q4::from_num(-7)); // wrapped
    assert_eq!(Q4::from_num(u128::MAX).to_bits(), -16);
    assert_eq!(Q4::from_num(-2.5).to_num::<i32>(), -2);
    assert_eq!(Q4::from_num(-2.5).to_num::<u8>(), 254);
    assert_eq!(Q4::from_num(-2.5).to_num::<f32>(), -2.5);
    assert_eq!(Q4::from_num(-2.5).to_num::<Int<2>>().to_bits(), -2);
    assert_eq!(UFixed::<128, 128>::MAX.to_num::<u128>(), u128::MAX);
    assert_eq!(UFixed::<128, 128>::MAX.to_num::<f64>(), 2f64.powi(128));
    assert_eq!(Fixed::<16, 6, Rnd>::from_num(Q4::from_num(1.5)), 1.5f64.to_fixed());
}

trait ToFixed {
    fn to_fixed(self) -> Fixed<16, 6>;
}

impl ToFixed for f64 {
    fn to_fixed(self) -> Fixed<16, 6> {
        Fixed::from_num(self)
    }
}

#[test]
fn families_from_numbers() {
    assert_eq!(Q4::checked_from_num(7.95), Some(Q4::MAX));
    assert_eq!(Q4::checked_from_num(8), None);
    assert_eq!(Q4::saturating_from_num(-1e9), Q4::MIN);
    assert_eq!(Q4::wrapping_from_num(8), Q4::MIN);
    assert_eq!(Q4::overflowing_from_num(8.0), (Q4::MIN, true));
    assert_eq!(Q4::overflowing_from_num(Int::<4>::from_num(7)), (Q4::from_num(7), false));
    // Rounding takes part in the test of range.
    assert_eq!(Fixed::<8, 4, Rnd>::checked_from_num(7.97), None);
    // The families look at the range, not at the mode: the least value stays.
    assert_eq!(Fixed::<8, 4, Rnd, SatSym>::checked_from_num(-8), Some(Fixed::from_bits(-128)));
}

#[test]
fn families_of_operators_for_every_pair() {
    type A = Fixed<5, 3, RndConv, Sat>;
    type B = UFixed<4, 2>;
    fn check<T: Number>(exact: f64, families: (Option<T>, T, T, (T, bool))) {
        let wide = |mode| from_f64(exact, T::FORMAT.with_overflow(mode)).to_i128().unwrap();
        let wrapped = wide(hls4rs_fixed::Overflow::Wrap(0));
        let saturated = wide(hls4rs_fixed::Overflow::Sat);
        let unlimited =
            hls4rs_fixed::Format::fixed(60, 60 - T::FORMAT.frac_bits()).with_rounding(T::FORMAT.rounding);
        let outside = !T::FORMAT.contains_raw(from_f64(exact, unlimited));
        let (checked, saturating, wrapping, overflowing) = families;
        assert_eq!(checked.map(T::raw), if outside { None } else { Some(wrapped) });
        assert_eq!(saturating.raw(), saturated);
        assert_eq!(wrapping.raw(), wrapped);
        assert_eq!((overflowing.0.raw(), overflowing.1), (wrapped, outside));
    }
    macro_rules! all_pairs {
        ($T:ty, $bits:expr) => {
            for (a, b) in $bits.flat_map(|a| $bits.map(move |b| (a, b))) {
                let (x, y) = (<$T>::from_bits(a), <$T>::from_bits(b));
                let (p, q) = (x.to_num::<f64>(), y.to_num::<f64>());
                check(
                    p + q,
                    (x.checked_add(y), x.saturating_add(y), x.wrapping_add(y), x.overflowing_add(y)),
                );
                check(
                    p - q,
                    (x.checked_sub(y), x.saturating_sub(y), x.wrapping_sub(y), x.overflowing_sub(y)),
                );
                check(
                    p * q,
                    (x.checked_mul(y), x.saturating_mul(y), x.wrapping_mul(y), x.overflowing_mul(y)),
                );
                check(-p, (x.checked_neg(), x.saturating_neg(), x.wrapping_neg(), x.overflowing_neg()));
            }
        };
    }
    all_pairs!(A, (-16..16i8));
    all_pairs!(B, (0..16u8));
}

#[test]
fn order_and_hash() {
    let values = [3, -1, 0, 127, -128].map(Q4::from_bits);
    let sorted: Vec<i8> = values.into_iter().collect::<BTreeSet<_>>().into_iter().map(Q4::to_bits).collect();
    assert_eq!(sorted, [-128, -1, 0, 3, 127]);
    assert_eq!(values.into_iter().collect::<HashSet<_>>().len(), 5);
    assert!(Q4::from_num(1.5) < UFixed::<1, 2>::from_bits(1));
    assert!(Q4::from_num(2) == UFixed::<1, 2>::from_bits(1) && Q4::from_num(2) > 1);
    assert_eq!(Q4::default(), Q4::ZERO);
}

#[test]
fn text() {
    assert_eq!(Q4::from_bits(-1).to_string(), "-0.0625");
    assert_eq!(format!("{:?}", Q4::from_bits(-1)), "fixed<8,4>(-0.0625)");
    assert_eq!(format!("{:?}", Uint::<3>::from_bits(5)), "uint<3>(5)");
    assert_eq!(
        format!(
            "{:.2}|{:.3}|{:.6}|{:.0}",
            Q4::from_bits(1),
            Q4::from_bits(1),
            Q4::from_bits(1),
            Q4::from_bits(8)
        ),
        "0.06|0.062|0.062500|0"
    );
    assert_eq!(format!("{:.1}|{:.0}", Q4::from_bits(127), Q4::from_bits(127)), "7.9|8");
    assert_eq!(format!("{:.1}", Fixed::<16, 8>::from_bits(0x63ff)), "100.0");
    assert_eq!(
        format!(
            "{:>8}|{:<8}|{:+}|{:08}",
            Q4::from_bits(-8),
            Q4::from_bits(8),
            Q4::from_bits(8),
            Q4::from_bits(-8)
        ),
        "    -0.5|0.5     |+0.5|-00000.5"
    );
    assert_eq!(UFixed::<4, 40>::from_bits(3).to_string(), (3u64 << 36).to_string());
    assert_eq!(format!("{:.1}", Int::<9>::from_num(-3)), "-3.0");
    assert_eq!("-0.0625".parse(), Ok(Q4::from_bits(-1)));
    assert_eq!("-0.06250000000001".parse(), Ok(Q4::from_bits(-2)));
    assert_eq!("0.0937499".parse(), Ok(Fixed::<8, 4, Rnd, Sat>::from_bits(1)));
    assert_eq!("1000".parse(), Ok(Fixed::<8, 4, Rnd, Sat>::MAX));
    assert!(["", "-", ".", "1e3", "1.2.3", "0x1"].iter().all(|text| text.parse::<Q4>().is_err()));
}

/// The smallest and the largest numbers have hundreds of digits.
#[test]
fn text_of_extreme_formats() {
    assert_eq!(format!("{:e}", Fixed::<128, -255>::DELTA.to_num::<f64>()), format!("{:e}", 2f64.powi(-383)));
    let tiny = Fixed::<128, -255>::MIN;
    assert_eq!(tiny.to_string().parse(), Ok(tiny));
    let huge = UFixed::<128, 255>::MAX;
    assert_eq!(huge.to_string().parse(), Ok(huge));
    assert_eq!(format!("{:.400}", tiny).len(), 403);
}

proptest! {
    #[test]
    fn decimal_text_round_trips(bits: i128, small: i32) {
        let wide = Fixed::<128, 50>::from_bits(bits);
        prop_assert_eq!(wide.to_string().parse(), Ok(wide));
        let narrow = Fixed::<32, 7>::from_bits(small);
        prop_assert_eq!(format!("{narrow:.25}"), format!("{:.25}", narrow.to_num::<f64>()));
        prop_assert_eq!(format!("{narrow:.5}"), format!("{:.5}", narrow.to_num::<f64>()));
        prop_assert_eq!(format!("{narrow:.1}"), format!("{:.1}", narrow.to_num::<f64>()));
    }

    #[test]
    fn decimal_text_rounds_like_the_number(bits: i64) {
        // 2^-40 steps, printed exactly, read into 2^-10 steps.
        let fine = Fixed::<60, 20>::from_bits(bits);
        prop_assert_eq!(fine.to_string().parse::<Fixed<16, 6, RndConv, SatSym>>(), Ok(fine.to()));
        prop_assert_eq!(fine.to_string().parse::<Fixed<16, 6>>(), Ok(fine.to()));
        prop_assert_eq!(fine.to_string().parse::<Int<8>>(), Ok(fine.to()));
    }
}
