//! The laws behind the implemented `num-traits`.

use hls4rs_fixed::{Closed, Fixed, Int, Rnd, Sat, UFixed, Uint};
use num_traits::{
    Bounded, CheckedMul, CheckedNeg, CheckedSub, FromPrimitive, SaturatingAdd, ToPrimitive, WrappingAdd,
    WrappingNeg, Zero,
};

type Q4 = Fixed<8, 4, Rnd, Sat>;

#[test]
fn conversions() {
    assert_eq!(Q4::from_f64(1.03125).map(Q4::to_bits), Some(17));
    assert_eq!(Q4::from_f64(7.97), None);
    assert_eq!(Q4::from_i32(-8), Some(Q4::MIN));
    assert_eq!(Q4::from_f64(f64::NAN), None);
    assert_eq!(Q4::from_bits(-24).to_i32(), Some(-1));
    assert_eq!(Q4::from_bits(-24).to_u8(), None);
    assert_eq!(Q4::from_bits(-15).to_u8(), Some(0));
    assert_eq!(Q4::from_bits(-24).to_f32(), Some(-1.5));
    assert_eq!(Uint::<128>::MAX.to_u128(), Some(u128::MAX));
    assert_eq!(Uint::<128>::MAX.to_i128(), None);
    assert_eq!(UFixed::<16, 80>::MAX.to_u64(), None);
    assert_eq!(<Int<5> as Bounded>::max_value().to_i64(), Some(15));
}

#[test]
fn closed_arithmetic_assigns_every_result() {
    let all = || (-16..16i8).map(|bits| Closed(Fixed::<5, 3, Rnd, Sat>::from_bits(bits)));
    for (a, b) in all().flat_map(|a| all().map(move |b| (a, b))) {
        let mut assigned = a.0;
        assigned += b.0;
        assert_eq!((a + b).0, assigned);
        assert_eq!(a.saturating_add(&b).0, a.0.saturating_add(b.0));
        assert_eq!(a.wrapping_add(&b).0, a.0.wrapping_add(b.0));
        assert_eq!(a.checked_sub(&b).map(|x| x.0), a.0.checked_sub(b.0));
        assert_eq!(a.checked_mul(&b).map(|x| x.0), a.0.checked_mul(b.0));
        assert_eq!(a + Closed::zero(), a);
    }
    let least = Closed(Q4::MIN);
    assert_eq!((-least).0, Q4::MAX);
    assert_eq!(least.checked_neg(), None);
    assert_eq!(least.wrapping_neg(), least);
    assert!(Closed::<Q4>::zero().is_zero());
}
