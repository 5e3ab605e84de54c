//! Operators of numbers with different formats, and extreme formats.

use hls4rs_fixed::{Exact, Fixed, Int, Number, Rnd, RndZero, Sat, SatZero, UFixed, Uint, Wide, WrapSm, cast};

#[test]
fn every_pair_of_small_numbers() {
    type A = Fixed<5, 2>;
    type B = UFixed<4, 5>;
    for a in -16..16i8 {
        for b in 0..16u8 {
            let (x, y) = (A::from_bits(a), B::from_bits(b));
            // In eighths: A has 3 fraction bits, B has -1.
            let (a, b) = (i128::from(a), i128::from(b) * 16);
            let eighths = |value: Exact| (value * 8).to::<Int<100>>().raw();
            assert_eq!(eighths(x + y), a + b);
            assert_eq!(eighths(x - y), a - b);
            assert_eq!((x * y * 64).to::<Int<100>>().raw(), a * b);
            assert_eq!(eighths(-y), -b);
            assert_eq!(x.partial_cmp(&y), a.partial_cmp(&b));
            assert_eq!(y == x, a == b);
            let mut z = x;
            z += y;
            assert_eq!(z.raw(), cast(a + b, (x + y).format(), A::FORMAT));
        }
    }
}

#[test]
fn assignment_uses_the_modes_of_the_left_side() {
    let mut x = Fixed::<8, 4, Rnd, Sat>::from_num(1.5);
    x *= Fixed::<8, 4>::from_num(2.71875); // 4.078125 is 65.25 sixteenths
    assert_eq!(x.to_bits(), 65);
    x -= 100;
    assert_eq!(x, Fixed::<8, 4>::MIN);
    let mut y = UFixed::<8, 4, RndZero, SatZero>::from_num(1.5);
    y -= 2;
    assert_eq!(y, 0);
}

#[test]
fn the_widest_numbers_stay_exact() {
    type U = UFixed<128, 255>;
    type V = UFixed<128, -255>;
    let (u, v) = (U::MAX, V::MAX);
    let product = u * u;
    assert_eq!(product.raw(), None); // 257 bits with a sign
    // (2^128 - 1)^2 = 2^256 - 2^129 + 1: the low half is 1.
    assert_eq!(product.cast(hls4rs_fixed::Format::ufixed(128, 255 + 255 - 128)), Wide::ONE);
    assert_eq!((u + v).to::<U>(), u);
    assert_eq!((u + v - u).to::<V>(), v);
    assert!(u + v > u && v - u < v && u > v);
    assert!(-(u * u) < -(u * v));
    assert_eq!(
        Fixed::<128, 64>::MIN * Fixed::<128, 64>::MIN - Fixed::<128, 64>::MIN * Fixed::<128, 64>::MIN,
        Exact::ZERO
    );
    assert_eq!((Fixed::<128, 1>::MIN * Fixed::<128, 1>::MIN).to_f64(), 1.0);
    assert_eq!(product.to_f64(), 2f64.powi(510));
    assert_eq!((u + v).to_f64(), 2f64.powi(255));
}

#[test]
fn long_sums_stay_exact() {
    let step = Fixed::<16, 6>::from_bits(3);
    let total: Exact = (0..100_000).map(|_| step).sum();
    assert_eq!(total.raw().map(|raw| raw.shr(raw.trailing_zeros())), Some(Wide::from(300_000 >> 5)));
    assert_eq!((total * 1024).to::<Uint<40>>().to_bits(), 300_000);
    let power: Exact = (0..60).map(|_| Uint::<8>::from_num(2)).product();
    assert_eq!(power.to::<Uint<64>>().to_bits(), 1 << 60);
}

#[test]
fn the_sign_bit_deleted_by_wrap_sm_is_that_of_the_expression() {
    // The product has 8 bits; the destination deletes the upper 5, so the sign becomes the product's bit 3.
    type Small = Fixed<3, 3, hls4rs_fixed::Trn, WrapSm<0>>;
    for a in 0..16u8 {
        for b in 0..16u8 {
            let (x, y) = (Uint::<4>::from_bits(a), Uint::<4>::from_bits(b));
            let expected =
                cast(i128::from(a) * i128::from(b), hls4rs_fixed::Format::ufixed(8, 8), Small::FORMAT);
            assert_eq!((x * y).to::<Small>().raw(), expected);
        }
    }
}

#[test]
fn shifts_ignore_the_modes() {
    let x = Fixed::<8, 4, Rnd, Sat>::from_bits(0b0101_0011);
    assert_eq!((x << 1).to_bits(), 0b1010_0110u8 as i8);
    assert_eq!((x >> 1).to_bits(), 0b0010_1001);
    assert_eq!((x << -1), x >> 1);
    assert_eq!((x << 8).to_bits(), 0);
    assert_eq!((Fixed::<8, 4>::MIN >> 100).to_bits(), -1);
    assert_eq!(UFixed::<128, 0>::MAX >> 127, UFixed::<128, 0>::DELTA);
}
