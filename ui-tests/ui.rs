//! Compiles every case and compares what the compiler says with the `.stderr` beside it.
//!
//! Bless with `TRYBUILD=overwrite`. The texts belong to the toolchain in `rust-toolchain.toml`.

use std::fs;
use std::path::Path;

/// The folders of cases, by what they are about.
const TOPICS: [&str; 11] = [
    "syntax",
    "names",
    "layers",
    "shape",
    "precision",
    "values",
    "weights",
    "hardware",
    "own",
    "network",
    "several",
];

#[test]
fn diagnostics() {
    provide_fixtures();
    let cases = trybuild::TestCases::new();
    for topic in TOPICS {
        cases.compile_fail(format!("{topic}/*.rs"));
    }
}

#[test]
fn every_layer_has_a_case() {
    let mut cases = String::new();
    for topic in TOPICS {
        for file in fs::read_dir(topic).expect("a folder of cases") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                cases += &fs::read_to_string(path).expect("a case");
            }
        }
    }
    let without =
        |keyword: &&str| !cases.contains(&format!(" {keyword}(")) && !cases.contains(&format!("({keyword}("));
    let missing: Vec<_> = hls4rs_ir::ops::Op::KEYWORDS.iter().filter(|keyword| without(keyword)).collect();
    assert!(missing.is_empty(), "no case shows a fault of {missing:?}");
}

/// Puts the weight files where the cases look for them: trybuild compiles in a crate of its own.
fn provide_fixtures() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder in the target folder");
    let folder = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("fixtures");
    fs::create_dir_all(&folder).expect("a folder for the weight files");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for fixture in fs::read_dir(fixtures).expect("the weight files") {
        let fixture = fixture.expect("a weight file");
        fs::copy(fixture.path(), folder.join(fixture.file_name())).expect("a copy of the weight file");
    }
}
