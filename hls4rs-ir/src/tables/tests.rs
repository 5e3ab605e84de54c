use hls4rs_fixed::{Format, Wide};

use super::*;

const FORMATS: [Format; 9] = [
    Format::fixed(8, 4),
    Format::ufixed(8, 4),
    Format::fixed(9, 12),
    Format::ufixed(7, 9),
    Format::fixed(10, 1),
    Format::fixed(8, -3),
    Format::ufixed(10, 0),
    Format::fixed(6, 40),
    Format::fixed(1, 1),
];

/// Every raw value of a format.
fn raw_values(format: Format) -> impl Iterator<Item = i64> {
    let end = 1i64 << (format.width - u32::from(format.signed));
    (if format.signed { -end } else { 0 })..end
}

/// `trunc(trunc(±x · n / 2^span))`, the first in units of `x`, as rational arithmetic has it.
fn naive(raw: i64, format: Format, size: usize, span: u32, offset: i128, negate: bool) -> usize {
    let divisor = if negate { -(1i128 << span) } else { 1i128 << span };
    let quotient = i128::from(raw) * size as i128 / divisor;
    let whole = match format.frac_bits() {
        f @ 0.. => quotient / (1i128 << f),
        f => quotient * (1i128 << -f),
    };
    usize::try_from((whole + offset).clamp(0, size as i128 - 1)).expect("clamped")
}

#[test]
fn indices_by_magnitude_are_those_of_rational_arithmetic() {
    for format in FORMATS {
        for size in [1, 2, 7, 16, 48, 100, 1000, 1024, 4096] {
            let indices = [
                (TableIndex::centred(format, size, 4), 4, (size / 2) as i128, false),
                (TableIndex::centred(format, size, 3), 3, (size / 2) as i128, false),
                (TableIndex::rising(format, size, 6), 6, 0, false),
                (TableIndex::falling(format, size), 3, 0, true),
            ];
            for (index, span, offset, negate) in indices {
                assert!(index.container_bits() <= 63);
                for raw in raw_values(format) {
                    let expected = naive(raw, format, size, span, offset, negate);
                    assert_eq!(index.wide(Wide::from_i64(raw)), expected, "{format} {size} {raw} {index:?}");
                    assert_eq!(index.i64(raw), expected, "{format} {size} {raw} {index:?}");
                }
            }
        }
    }
}

#[test]
fn an_index_does_not_wrap_for_values_far_outside() {
    let format = Format::fixed(60, 50);
    let index = TableIndex::centred(format, 1024, 4);
    assert_eq!(index.wide(format.max_raw()), 1023);
    assert_eq!(index.wide(format.min_raw()), 0);
    let format = Format::fixed(200, 1000);
    let index = TableIndex::falling(format, 1000);
    assert_eq!(index.wide(format.min_raw()), 999);
    assert_eq!(index.wide(Wide::ZERO), 0);
}

#[test]
fn zero_is_met_by_twice_as_many_values_as_other_entries() {
    // 1024 entries over 16: 64 for each unit, 16 raw values of fixed<16,6> for each entry.
    let index = TableIndex::centred(Format::fixed(16, 6), 1024, 4);
    assert_eq!((-20..=20).filter(|&raw| index.i64(raw) == 512).count(), 31);
    assert_eq!((0..40).filter(|&raw| index.i64(raw) == 513).count(), 16);
}

#[test]
fn the_steps_of_an_index_are_open_to_other_languages() {
    let index = TableIndex::centred(Format::fixed(6, 9), 1536, 4);
    // 1536 = 3 · 2^9; of the 13 bits of 2^9 / 2^4 · 2^3 all go up.
    assert_eq!((index.multiplier(), index.right(), index.left()), (3, 0, 8));
    assert_eq!((index.offset(), index.last(), index.size(), index.negate()), (768, 1535, 1536, false));
}

#[test]
fn indices_by_pattern_are_the_top_bits() {
    for format in FORMATS {
        for bits in 1..=format.width {
            let index = BitIndex::new(format, 1 << bits).expect("a size that fits");
            for raw in raw_values(format) {
                let pattern = raw & ((1 << format.width) - 1);
                let expected = (pattern >> (format.width - bits)) as usize;
                assert_eq!(index.wide(Wide::from_i64(raw)), expected);
                assert_eq!(index.i64(raw), expected);
            }
            for i in 0..index.size() {
                let raw = index.raw(i);
                assert!(format.contains_raw(raw));
                assert_eq!(index.wide(raw), i);
            }
        }
    }
}

#[test]
fn a_pattern_addresses_powers_of_two_only() {
    assert_eq!(BitIndex::new(Format::fixed(8, 4), 100), None);
    assert_eq!(BitIndex::new(Format::fixed(8, 4), 512), None);
    assert_eq!(BitIndex::new(Format::fixed(8, 4), 1), None);
}

#[test]
fn abscissae_of_patterns_are_in_two_halves_for_signed_values() {
    let index = BitIndex::new(Format::fixed(6, 3), 8).expect("a size that fits");
    let abscissae: Vec<f32> = (0..8).map(|i| index.abscissa(i)).collect();
    assert_eq!(abscissae, [0.0, 1.0, 2.0, 3.0, -4.0, -3.0, -2.0, -1.0]);
}

#[test]
fn reach_of_both_signs_is_two_stretches() {
    let index = BitIndex::new(Format::fixed(6, 3), 8).expect("a size that fits");
    let interval = |lo, hi| Interval::new(Wide::from_i64(lo), Wide::from_i64(hi));
    assert_eq!(index.reach(interval(-9, 8)).as_slice(), [(0, 1), (6, 7)]);
    assert_eq!(index.reach(interval(-9, -1)).as_slice(), [(6, 7)]);
    assert_eq!(index.reach(interval(7, 24)).as_slice(), [(0, 3)]);
}

#[test]
fn functions_have_their_values_at_known_points() {
    // Entry 512 of 1024 is at 0, entry 576 of 16 / 1024 each at 1, entry 640 of 8 / 1024 each at 1.
    let at = |function: Function, i: usize| function.table(1024)[i];
    assert_eq!(at(Function::Sigmoid, 512), 0.5);
    assert_eq!(at(Function::Sigmoid, 576), f64::from(0.731_058_6_f32));
    assert_eq!(at(Function::Tanh, 512), 0.0);
    assert_eq!(at(Function::Tanh, 640), f64::from(0.761_594_2_f32));
    assert_eq!(at(Function::Softplus, 512), f64::from(core::f32::consts::LN_2));
    assert_eq!(at(Function::Softsign, 576), 0.5);
    assert_eq!(at(Function::Softsign, 448), -0.5);
    assert_eq!(at(Function::Selu, 0), 0.0);
    // 1.0507 · 1.6733 · (1/e - 1)
    assert_eq!(at(Function::Selu, 128), f64::from(-1.111_330_7_f32));
    assert_eq!(elu(1024)[128], f64::from(-0.632_120_55_f32));
}

#[test]
fn exponentials_and_reciprocals_follow_their_addresses() {
    let index = BitIndex::new(Format::ufixed(4, 2), 16).expect("a size that fits");
    let exp = exponential(index, 1.0, true);
    assert_eq!((exp[0], exp[4]), (1.0, f64::from((-1.0f32).exp())));
    let inverse = reciprocal(index);
    assert_eq!(&inverse[..3], &[f64::INFINITY, 4.0, 2.0]);
    assert_eq!(legacy_reciprocal(64)[..3], [0.0, 1.0, 0.5]);
    assert_eq!(legacy_exponential(16)[8], 1.0);
}

#[test]
fn extremes_are_those_of_every_stretch() {
    let table = [3i64, -1, 4, 1, -5, 9, 2, 6, 5, 3, -5];
    let extremes = Extremes::new(&table);
    for first in 0..table.len() {
        for last in first..table.len() {
            let stretch = &table[first..=last];
            let (lo, hi) = (stretch.iter().min(), stretch.iter().max());
            let expected = Interval::new(
                Wide::from_i64(*lo.expect("not empty")),
                Wide::from_i64(*hi.expect("not empty")),
            );
            assert_eq!(extremes.between((first, last)), expected);
        }
    }
}

#[test]
fn reached_entries_are_the_union_of_stretches() {
    assert_eq!(reached(6, [(1, 2), (2, 3), (5, 5)].into_iter()), [false, true, true, true, false, true]);
}
