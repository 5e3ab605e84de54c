//! What must work in constants, and sizes.

use std::mem::size_of;

use hls4rs_fixed::{
    Cast, Fixed, Format, FromFloat, Int, Number, Overflow, Rounding, UFixed, Uint, Wide, WrapN, ap, arith,
    cast, from_f64, to_f32, to_f64,
};

const BYTE: Format = Format::fixed(8, 4).with_rounding(Rounding::RndConv).with_overflow(Overflow::SatSym);
const CAST: Cast = Cast::new(Format::fixed(16, 6), BYTE);
const HALF: Fixed<8, 4> = Fixed::constant::<8>();

#[test]
fn everything_about_formats_is_const() {
    const {
        assert!(CAST.i32(-512) == CAST.i64(-512) as i32);
        assert!(CAST.i128(-0x8000) == -127);
        assert!(CAST.wide(Wide::from_i64(32)).to_i64().unwrap() == 0); // a tie, to even
        assert!(cast(0x7fff, CAST.src(), BYTE) == 127);
        assert!(CAST.rounds() && CAST.can_overflow() && !CAST.is_identity());
        assert!(CAST.container_bits() == 16 && CAST.right_shift() == 6 && CAST.left_shift() == 0);
        assert!(FromFloat::new(BYTE).i64(1.03125) == 16);
        assert!(from_f64(1e300, BYTE).to_i64().unwrap() == 127);
        assert!(to_f64(Wide::ONE, 4) == 0.0625 && to_f32(Wide::ONE, 200) == 0.0);
        assert!(BYTE.product(BYTE).sum(BYTE).width == 17);
        assert!(BYTE.check().is_ok() && BYTE.spelled_by_ac() && !BYTE.is_integer());
        assert!(Format::holding(Wide::from_i64(-3), Wide::from_i64(9), 0).width == 5);
        assert!(arith::div(Wide::MAX, Wide::from_i64(3), Format::int(8)).unwrap().bits() == 255);
        assert!(ap::to_int(-33, BYTE) == -2);
        assert!(HALF.to_bits() == 8 && Fixed::<8, 4>::MAX.to_bits() == 127 && Uint::<3>::MAX.to_bits() == 7);
        assert!(UFixed::<8, 4>::DELTA.to_bits() == 1 && Int::<5>::ZERO.to_bits() == 0);
    }
    const CONSTANT: Fixed<100, 50> = Fixed::constant::<{ -1 << 99 }>();
    assert_eq!(CONSTANT, Fixed::<100, 50>::MIN);
}

#[test]
fn numbers_are_as_small_as_their_bits() {
    assert_eq!(size_of::<Fixed<16, 6>>(), 2);
    assert_eq!(size_of::<Fixed<8, 200>>(), 1);
    assert_eq!(size_of::<UFixed<9, 0>>(), 2);
    assert_eq!(size_of::<Fixed<17, 6>>(), 4);
    assert_eq!(size_of::<Int<33>>(), 8);
    assert_eq!(size_of::<Uint<64>>(), 8);
    assert_eq!(size_of::<Uint<65>>(), 16);
    assert_eq!(size_of::<Option<Fixed<1, 1>>>(), 2);
}

#[test]
fn formats_of_types() {
    assert_eq!(<Fixed<8, 4>>::FORMAT, Format::fixed(8, 4));
    assert_eq!(
        UFixed::<8, -4, hls4rs_fixed::RndInf, WrapN<3>>::FORMAT.to_string(),
        "ufixed<8,-4,RND_INF,WRAP,3>"
    );
    assert_eq!(<Int<7> as Number>::FORMAT, Format::int(7));
    assert_eq!(<Uint<7> as Number>::FORMAT.to_string(), "uint<7>");
}
