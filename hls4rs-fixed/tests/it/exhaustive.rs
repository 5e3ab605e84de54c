//! Every value of small formats, in every mode, against the independent oracle.

use hls4rs_fixed::{Cast, Format, Overflow, Rounding, Wide};

use crate::oracle;
use crate::reference::check_cast;

fn overflows(width: u32, signed: bool) -> Vec<Overflow> {
    let mut modes = vec![Overflow::Sat, Overflow::SatZero, Overflow::SatSym];
    modes.extend((0..=width).map(Overflow::Wrap));
    if signed {
        modes.extend((0..=width).map(Overflow::WrapSm));
    }
    modes
}

fn shape(width: u32, int_bits: i32, signed: bool) -> Format {
    if signed { Format::fixed(width, int_bits) } else { Format::ufixed(width, int_bits) }
}

fn raws(format: Format) -> impl Iterator<Item = i128> {
    let end = |raw: Wide| raw.to_i128().expect("a small format");
    end(format.min_raw())..=end(format.max_raw())
}

#[test]
fn small_formats_in_all_modes() {
    let mut checked = 0u64;
    for (src_width, dst_width) in [(1, 1), (1, 3), (2, 1), (3, 2), (5, 3), (6, 4), (7, 2), (4, 6), (8, 5)] {
        for shift in -3..=10 {
            for (src_signed, dst_signed) in [(true, true), (true, false), (false, true), (false, false)] {
                // Same binary point for all sources; the destination's moves.
                let src = shape(src_width, 2, src_signed);
                let dst = shape(dst_width, dst_width as i32 - src.frac_bits() + shift, dst_signed);
                for rounding in Rounding::ALL {
                    for overflow in overflows(dst_width, dst_signed) {
                        let dst = dst.with_rounding(rounding).with_overflow(overflow);
                        for raw in raws(src) {
                            let expected = oracle::assign(raw, src, dst);
                            check_cast(Wide::from(raw), src, dst, Wide::from(expected));
                            checked += 1;
                        }
                    }
                }
            }
        }
    }
    println!("{checked} conversions checked");
    assert_eq!(checked, 2_384_256);
}

#[test]
fn statements_about_a_cast_hold_for_all_its_values() {
    let signs = [(true, true), (true, false), (false, true), (false, false)];
    let widths = (1..=4).flat_map(|src| (1..=6).map(move |dst| (src, dst)));
    for ((src_width, dst_width), (src_signed, dst_signed)) in widths.flat_map(|w| signs.map(|s| (w, s))) {
        for shift in -2..=6 {
            let src = shape(src_width, 2, src_signed);
            let dst = shape(dst_width, dst_width as i32 - src.frac_bits() + shift, dst_signed);
            for rounding in Rounding::ALL {
                for overflow in overflows(dst_width, dst_signed) {
                    check_statements(Cast::new(src, dst.with_rounding(rounding).with_overflow(overflow)));
                }
            }
        }
    }
}

fn check_statements(cast: Cast) {
    let (src, dst) = (cast.src(), cast.dst());
    assert_eq!(cast.rounds(), src.frac_bits() > dst.frac_bits());
    let excludes_least = dst.overflow == Overflow::SatSym && dst.signed && dst.width > 1;
    let unlimited = Format::fixed(60, 60 - dst.frac_bits()).with_rounding(dst.rounding);
    let outside = raws(src).any(|raw| {
        let q = Wide::from(oracle::assign(raw, src, unlimited));
        assert_eq!(cast.overflows(Wide::from(raw)), !dst.contains_raw(q));
        !dst.contains_raw(q) || (excludes_least && q == dst.min_raw())
    });
    assert_eq!(cast.can_overflow(), outside, "{cast:?}");
    assert_eq!(cast.is_identity(), src.frac_bits() == dst.frac_bits() && !outside);
    assert!(!cast.is_identity() || raws(src).all(|raw| cast.i128(raw) == raw), "{cast:?}");
}
