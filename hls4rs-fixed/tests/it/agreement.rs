//! Random conversions: the forms of the cast agree with each other, with the oracle, and with the laws of
//! arithmetic.

use hls4rs_fixed::{Cast, Exact, Format, Overflow, Wide, arith};
use proptest::prelude::*;

use crate::oracle;
use crate::reference::check_cast;
use crate::strategies::{format, value};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn forms_agree_up_to_128_bits((src, raw) in value(128), dst in format(128)) {
        check_cast(raw, src, dst, Cast::new(src, dst).wide(raw));
    }

    #[test]
    fn forms_agree_with_the_oracle((src, raw) in value(40), mut dst in format(24), gap in -30..40i32) {
        dst.int_bits = dst.width as i32 - src.frac_bits() + gap;
        let expected = oracle::assign(raw.to_i128().unwrap(), src, dst);
        check_cast(raw, src, dst, Wide::from(expected));
    }

    #[test]
    fn results_are_in_range((src, raw) in value(255), dst in format(255)) {
        let cast = Cast::new(src, dst);
        let result = cast.wide(raw);
        prop_assert!(dst.contains_raw(result));
        if cast.is_identity() {
            prop_assert_eq!(result, raw);
        }
        if !cast.can_overflow() {
            prop_assert!(!cast.overflows(raw));
        }
        if dst.overflow == Overflow::Sat && cast.overflows(raw) {
            prop_assert!(result == dst.min_raw() || result == dst.max_raw());
        }
    }

    #[test]
    fn a_wider_format_takes_a_value_unchanged((src, raw) in value(120), more in 0..8u32, right in 0..8i32) {
        let dst = Format { signed: src.signed, ..Format::fixed(src.width + more + right as u32, src.int_bits + more as i32) };
        prop_assert!(dst.contains(src));
        let there = Cast::new(src, dst).wide(raw);
        prop_assert_eq!(there, raw.shl(right as u32));
        let plain = src.with_overflow(Overflow::Wrap(0));
        prop_assert_eq!(Cast::new(dst, plain).wide(there), raw);
    }

    #[test]
    fn exact_results_lie_in_the_formats_of_section_3((fa, a) in value(100), (fb, b) in value(100)) {
        let (x, y) = (Exact::new(a, fa), Exact::new(b, fb));
        for result in [x + y, x - y, x * y, -x] {
            if let Some(raw) = result.raw().filter(|_| result.format().check().is_ok()) {
                prop_assert!(result.format().contains_raw(raw));
            }
        }
        prop_assert_eq!(x - y + y, x);
        prop_assert_eq!((x + y) * (x - y), x * x - y * y);
        prop_assert_eq!(x.cmp(&y), (x - y).cmp(&Exact::ZERO));
        prop_assert_eq!(x.cmp(&y), arith::compare(a, fa, b, fb));
    }

    #[test]
    fn quotients_are_truncated((_, a) in value(100), (mut fb, b) in value(100)) {
        let b = if b.is_zero() { Wide::ONE } else { b };
        fb.int_bits = fb.int_bits.max(0);
        let q = arith::div(a, b, fb).unwrap();
        let scaled = a.shl(fb.frac_bits().max(0) as u32);
        let rest = scaled - q * b;
        prop_assert!(rest.abs() < b.abs());
        prop_assert!(rest.is_zero() || rest.is_negative() == a.is_negative());
    }

    #[test]
    fn holding_is_the_narrowest((_, a) in value(100), (_, b) in value(100), frac_bits in -10..50i32) {
        let (lo, hi) = (a.min(b), a.max(b));
        let format = Format::holding(lo, hi, frac_bits);
        prop_assert!(format.contains_raw(lo) && format.contains_raw(hi));
        prop_assert_eq!(format.frac_bits(), frac_bits);
        prop_assert_eq!(format.signed, lo.is_negative());
        if format.width > 1 {
            let narrower = Format { width: format.width - 1, ..format };
            prop_assert!(!narrower.contains_raw(lo) || !narrower.contains_raw(hi));
        }
    }

    #[test]
    fn wide_decimal_text_round_trips(hi: i128, lo: u128, shift in 0..256u32) {
        let value = Wide::from_parts(hi, lo).shr(shift);
        prop_assert_eq!(value.to_string().parse(), Ok(value));
    }
}
