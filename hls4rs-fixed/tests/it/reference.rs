//! Every row of the vectors printed by the compiled `ap_fixed` and `ac_fixed` headers.

use std::cmp::Ordering;

use hls4rs_fixed::{Cast, Exact, Format, FromFloat, Wide, ap, arith, cast, from_f64, to_f64};

use crate::vectors::{Row, Vectors};

/// All forms of the cast whose containers suffice.
#[track_caller]
pub(crate) fn check_cast(raw: Wide, src: Format, dst: Format, expected: Wide) {
    let prepared = Cast::new(src, dst);
    assert_eq!(prepared.wide(raw), expected, "{src} -> {dst}: wide of {raw}");
    assert_eq!(Exact::new(raw, src).cast(dst), expected, "{src} -> {dst}: exact of {raw}");
    if src.width <= 128 && dst.width <= 128 {
        let bits = cast(raw.as_i128_wrapping(), src, dst);
        assert_eq!(bits, expected.as_i128_wrapping(), "{src} -> {dst}: cast of {raw}");
    }
    let Some(raw) = raw.to_i128().filter(|_| prepared.container_bits() <= 128) else { return };
    assert_eq!(Wide::from(prepared.i128(raw)), expected, "{src} -> {dst}: i128 of {raw}");
    if prepared.container_bits() <= 64 {
        assert_eq!(Wide::from(prepared.i64(raw as i64)), expected, "{src} -> {dst}: i64 of {raw}");
    }
    if prepared.container_bits() <= 32 {
        assert_eq!(Wide::from(prepared.i32(raw as i32)), expected, "{src} -> {dst}: i32 of {raw}");
    }
}

fn check_conversion(row: &Row) {
    let (src, dst) = (row.plain_format("src"), row.format("dst"));
    check_cast(row.get("src_raw"), src, dst, row.get("dst_raw"));
}

#[test]
fn ap_conversions() {
    Vectors::open("fixed_vectors.csv.gz", 178_708).for_each(check_conversion);
}

#[test]
fn ac_conversions() {
    Vectors::open("fixed_vectors_ac.csv.gz", 92_736).for_each(check_conversion);
}

#[test]
fn operators() {
    Vectors::open("fixed_ops_vectors.csv.gz", 130_510).for_each(|row| {
        let (fa, fb, result) = (row.plain_format("a"), row.plain_format("b"), row.plain_format("res"));
        let (a, b, expected): (Wide, Wide, Wide) = (row.get("a_raw"), row.get("b_raw"), row.get("res_raw"));
        let count = b.to_i128().expect("a shift count") as i32;
        let (x, y) = (Exact::new(a, fa), Exact::new(b, fb));
        let exact = |format: Format, raw: Wide, value: Exact| {
            assert_eq!((format, raw), (result, expected));
            assert_eq!((value.format(), value.raw()), (result, Some(expected)));
        };
        match (row.text("family"), row.text("op")) {
            (_, "add") => exact(fa.sum(fb), arith::add(a, fa, b, fb), x + y),
            (_, "sub") => exact(fa.difference(fb), arith::sub(a, fa, b, fb), x - y),
            (_, "mul") => exact(fa.product(fb), arith::mul(a, b), x * y),
            (_, "neg") => exact(fa.negation(), arith::neg(a), -x),
            ("ap", "div") => assert_eq!((fa.quotient(fb), ap::div(a, fa, b, fb)), (result, Some(expected))),
            ("ac", "div") => assert_eq!((fa.quotient(fb), arith::div(a, b, fb)), (result, Some(expected))),
            (_, "shl") => assert_eq!((fa, arith::shl(a, fa, count)), (result, expected)),
            (_, "shr") => assert_eq!((fa, arith::shr(a, fa, count)), (result, expected)),
            ("ap", "toint") => assert_eq!(Wide::from(ap::to_int(a.as_i128_wrapping(), fa)), expected),
            ("ap", "toapint") => {
                let integer =
                    if result.signed { Format::int(result.width) } else { Format::uint(result.width) };
                check_cast(a, fa, integer, expected);
            }
            other => panic!("unknown operation {other:?}"),
        }
    });
}

#[test]
fn comparisons() {
    Vectors::open("fixed_cmp_vectors.csv.gz", 16_584).for_each(|row| {
        let (fa, fb) = (row.plain_format("a"), row.plain_format("b"));
        let (a, b) = (row.get("a_raw"), row.get("b_raw"));
        let ordering = match row.text("family") {
            "ap" => ap::compare(a, fa, b, fb),
            _ => {
                assert_eq!(Exact::new(a, fa).cmp(&Exact::new(b, fb)), arith::compare(a, fa, b, fb));
                arith::compare(a, fa, b, fb)
            }
        };
        type Test = fn(Ordering) -> bool;
        let tests: [(&str, Test); 6] = [
            ("lt", Ordering::is_lt),
            ("le", Ordering::is_le),
            ("gt", Ordering::is_gt),
            ("ge", Ordering::is_ge),
            ("eq", Ordering::is_eq),
            ("ne", Ordering::is_ne),
        ];
        for (column, test) in tests {
            assert_eq!(test(ordering), row.text(column) == "1", "{column}: {ordering:?}");
        }
    });
}

#[test]
fn doubles() {
    Vectors::open("fixed_double_vectors.csv.gz", 56_280).for_each(|row| {
        let dst = row.format("dst");
        let (value, expected): (f64, Wide) = (row.f64("double_bits_hex"), row.get("dst_raw"));
        assert_eq!(from_f64(value, dst), expected);
        if dst.container_bits() <= 64 {
            assert_eq!(Wide::from(FromFloat::new(dst).i64(value)), expected);
        }
        let back = to_f64(expected, dst.frac_bits());
        assert_eq!(back.to_bits(), row.f64("to_double_bits_hex").to_bits());
    });
}
