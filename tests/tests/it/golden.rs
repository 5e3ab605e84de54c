//! The committed cases of hls4ml.

use hls4rs_tests::golden::{Outcome, case, committed, outcome};

#[test]
fn committed_cases_are_bit_exact() {
    let folders = case::folders(&committed()).expect("the committed cases");
    assert!(folders.len() >= 20, "{} cases", folders.len());
    for folder in folders {
        let outcome = outcome(&folder);
        assert!(matches!(outcome, Outcome::Exact { .. }), "{}: {outcome:?}", folder.display());
    }
}
