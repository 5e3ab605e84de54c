//! Spellings of formats: round trips and error texts.

use hls4rs_fixed::{Format, FormatError, Overflow, Rounding};
use proptest::prelude::*;

use crate::strategies::format;

proptest! {
    #[test]
    fn spellings_round_trip(format in format(255)) {
        prop_assert_eq!(format.to_string().parse(), Ok(format));
        if format.spelled_by_ap() {
            prop_assert_eq!(format.ap().to_string().parse(), Ok(format));
        }
        if format.spelled_by_ac() {
            prop_assert_eq!(format.ac().to_string().parse(), Ok(format));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[afu]?[pci]?_?(fixed|int)?.{0,40}") {
        if let Err(error) = text.parse::<Format>() {
            prop_assert!(error.offset() <= text.len());
            prop_assert!(error.to_string().ends_with('^'));
        }
    }
}

#[test]
fn spellings_of_the_field() {
    let sat_rnd = |format: Format| format.with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat);
    for (text, format) in [
        ("fixed<16,6>", Format::fixed(16, 6)),
        (" ufixed < 8 , 0 , RND , SAT > ", sat_rnd(Format::ufixed(8, 0))),
        ("ap_fixed<16,-6,AP_TRN,AP_WRAP,0>", Format::fixed(16, -6)),
        ("ap_ufixed<2,32>", Format::ufixed(2, 32)),
        ("fixed<8,3,TRN,WRAP_SM,2>", Format::fixed(8, 3).with_overflow(Overflow::WrapSm(2))),
        ("ap_fixed<16,6,AP_RND,AP_SAT,0>", sat_rnd(Format::fixed(16, 6))),
        ("ac_fixed<16,6>", Format::fixed(16, 6)),
        ("ac_fixed<16,6,0,AC_RND,AC_SAT>", sat_rnd(Format::ufixed(16, 6))),
        ("ac_fixed<1,0,false>", Format::ufixed(1, 0)),
        ("ac_int<8>", Format::int(8)),
        ("ac_int<8, false>", Format::uint(8)),
        ("ap_uint<3>", Format::uint(3)),
        ("int<8>", Format::int(8)),
        ("fixed<8,8,TRN_ZERO>", Format::int(8)),
        ("Fixed<16, 6, RndMinInf, SatSym>", "fixed<16,6,RND_MIN_INF,SAT_SYM>".parse().unwrap()),
        ("fixed<8,2,trn,ap_sat_zero>", Format::fixed(8, 2).with_overflow(Overflow::SatZero)),
    ] {
        assert_eq!(text.parse(), Ok(format), "{text}");
    }
}

#[track_caller]
fn check_error(text: &str, message: &str) {
    let error = text.parse::<Format>().expect_err(text);
    assert_eq!(error.to_string(), message);
}

#[test]
fn errors_point_at_the_character() {
    check_error(
        "fixde<16,6>",
        concat!(
            "expected a format (fixed, ufixed, int, uint, ap_fixed, ..., ac_fixed, ac_int), found `fixde`\n",
            "  fixde<16,6>\n",
            "  ^",
        ),
    );
    check_error("fixed(16,6)", concat!("expected `<`, found `(`\n", "  fixed(16,6)\n", "       ^",));
    check_error(
        "fixed<16>",
        concat!("expected `,` and the integer bits, found `>`\n", "  fixed<16>\n", "          ^",),
    );
    check_error(
        "fixed<16,6",
        concat!("expected `,` or `>`, found the end of the text\n", "  fixed<16,6\n", "            ^",),
    );
    check_error(
        "fixed<16,six>",
        concat!("expected the integer bits, found `six`\n", "  fixed<16,six>\n", "           ^",),
    );
    check_error(
        "fixed<0,6>",
        concat!(
            "expected a width of 1 to 256 bits (255 if unsigned), found `0`\n",
            "  fixed<0,6>\n",
            "        ^",
        ),
    );
    check_error(
        "ac_fixed<256,6,false>",
        concat!(
            "expected a width of 1 to 256 bits (255 if unsigned), found `256`\n",
            "  ac_fixed<256,6,false>\n",
            "           ^",
        ),
    );
    check_error(
        "fixed<16,2000>",
        concat!("expected -1024 to 1024 integer bits, found `2000`\n", "  fixed<16,2000>\n", "           ^",),
    );
    check_error(
        "fixed<16,6,ROUND,SAT>",
        concat!(
            "expected a rounding mode (TRN, TRN_ZERO, RND, RND_ZERO, RND_INF, RND_MIN_INF, RND_CONV, RND_CONV_ODD), ",
            "found `ROUND`\n",
            "  fixed<16,6,ROUND,SAT>\n",
            "             ^",
        ),
    );
    check_error(
        "fixed<16,6,TRN,WRAP,17>",
        concat!(
            "expected at most as many saturated bits as the format has bits, found `17`\n",
            "  fixed<16,6,TRN,WRAP,17>\n",
            "                      ^",
        ),
    );
    check_error(
        "fixed<16,6,TRN,SAT,1>",
        concat!(
            "expected 0: only WRAP and WRAP_SM have saturated bits, found `1`\n",
            "  fixed<16,6,TRN,SAT,1>\n",
            "                     ^",
        ),
    );
    check_error(
        "ufixed<16,6,TRN,WRAP_SM>",
        concat!(
            "expected another overflow mode: `WRAP_SM` exists for signed formats only, found `WRAP_SM`\n",
            "  ufixed<16,6,TRN,WRAP_SM>\n",
            "                  ^",
        ),
    );
    check_error(
        "int<8> x",
        concat!("expected the end of the text, found `x`\n", "  int<8> x\n", "         ^",),
    );
    check_error(
        "",
        concat!(
            "expected a format (fixed, ufixed, int, uint, ap_fixed, ..., ac_fixed, ac_int), found the end of the text\n",
            "  \n",
            "  ^",
        ),
    );
}

#[test]
fn long_texts_show_the_surroundings() {
    let text = format!("fixed<16,{}6;6>{}", " ".repeat(100), "é".repeat(50));
    let error = text.parse::<Format>().unwrap_err();
    assert_eq!(error.offset(), 110);
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "expected `,` or `>`, found `;`");
    let caret = lines[2].chars().count() - 1;
    assert_eq!(lines[1].chars().nth(caret), Some(';'));
}

#[test]
fn illegal_formats_are_told() {
    assert_eq!(Format::fixed(256, 6).check(), Ok(()));
    assert_eq!(Format::ufixed(256, 6).check(), Err(FormatError::Width));
    assert_eq!(Format::fixed(0, 6).check(), Err(FormatError::Width));
    assert_eq!(Format::fixed(8, -1025).check(), Err(FormatError::IntBits));
    assert_eq!(Format::fixed(8, 8).with_overflow(Overflow::Wrap(9)).check(), Err(FormatError::SaturatedBits));
    assert_eq!(
        Format::ufixed(8, 8).with_overflow(Overflow::WrapSm(0)).check(),
        Err(FormatError::UnsignedWrapSm)
    );
}
