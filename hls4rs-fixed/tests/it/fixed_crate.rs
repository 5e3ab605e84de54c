//! Conversions to and from the `fixed` crate.

use fixed::types::extra::{U0, U4, U8, U128};
use fixed::{FixedI8, FixedI16, FixedI128, FixedU8, FixedU16, FixedU128};
use hls4rs_fixed::{Fixed, Int, NotExact, UFixed, Uint};

#[test]
fn every_byte_both_ways() {
    for bits in i8::MIN..=i8::MAX {
        let (ours, theirs) = (Fixed::<8, 4>::from_bits(bits), FixedI8::<U4>::from_bits(bits));
        assert_eq!(ours.to_fixed::<FixedI8<U4>>(), theirs);
        assert_eq!(Fixed::<8, 4>::from_fixed(theirs), ours);
        assert_eq!(ours.to_string(), FixedI128::<U8>::from(theirs).to_num::<f64>().to_string());
        assert_eq!(FixedI16::<U8>::try_from(ours), Ok(theirs.into()));
        let unsigned = FixedU8::<U4>::try_from(ours);
        assert_eq!(unsigned.is_ok(), bits >= 0);
        let narrow = Fixed::<5, 2>::try_from(theirs);
        let fits = (-32..32).contains(&bits) && bits % 2 == 0;
        assert_eq!(narrow.is_ok(), fits);
        assert!(narrow.is_err() || narrow == Ok(ours.to()));
    }
}

#[test]
fn the_widest() {
    let all = FixedU128::<U0>::MAX;
    assert_eq!(Uint::<128>::from_fixed(all), Uint::<128>::MAX);
    assert_eq!(Int::<128>::try_from(all), Err(NotExact));
    let fraction = FixedU128::<U128>::MAX;
    assert_eq!(UFixed::<128, 0>::from_fixed(fraction).to_fixed::<FixedU128<U128>>(), fraction);
    assert_eq!(FixedU16::<U0>::try_from(UFixed::<128, 0>::MAX), Err(NotExact));
    assert_eq!(FixedI128::<U0>::try_from(Fixed::<4, 128>::MIN), Ok(FixedI128::MIN));
}
