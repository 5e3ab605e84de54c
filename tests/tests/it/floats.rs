//! Models that hls4ml cannot convert, with what their own libraries compute: `tests/floats`, one folder each, made by
//! the scripts beside them.
//!
//! The configurations leave room for every product and sum, so that the only differences are those of real numbers that
//! a format of many fraction bits rounds, and of tables between whose entries a function moves. Each `case.json` says
//! how much that can be; what a step rounds to few bits must come out with the same bits, or it is off by far more.

use std::fs;
use std::path::Path;

use hls4rs::frontends::{config_from_value, import};
use hls4rs_ir::Io;
use hls4rs_ir::weights::read_npz;
use hls4rs_tests::golden::case;
use hls4rs_tests::simulate::Simulation;
use hls4rs_tests::{drafts, host};
use serde_json::Value;

/// The largest difference of a model, and the one that is allowed.
fn difference(folder: &Path) -> [f64; 2] {
    let case: Value =
        serde_json::from_slice(&fs::read(folder.join("case.json")).expect("a file")).expect("a case");
    let config = config_from_value(&case["hls_config"]).expect("a configuration").config;
    let draft = drafts::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let imported = import(draft, &config, Io::Parallel).unwrap_or_else(|error| panic!("{error}"));
    let arrays = read_npz(&fs::read(folder.join("io.npz")).expect("a file")).expect("arrays");
    let inputs: Vec<_> =
        (0..).map_while(|n| arrays.get(&format!("x{n}"))).map(|x| x.values().to_vec()).collect();
    let found = Simulation::new(&imported.network).values(&inputs);
    let mut largest: f64 = 0.0;
    for (n, found) in found.iter().enumerate() {
        let expected = arrays[&format!("y{n}")].values();
        assert_eq!(found.len(), expected.len(), "{}", folder.display());
        assert!(expected.iter().any(|v| *v != 0.0), "{}: nothing but 0", folder.display());
        for (found, expected) in found.iter().zip(expected) {
            largest = largest.max((found - expected).abs());
        }
    }
    [largest, case["tolerance"].as_f64().expect("a tolerance")]
}

#[test]
fn models_compute_what_their_libraries_compute() {
    let folders = case::folders(&host::root().join("tests/floats")).expect("the models");
    assert!(folders.len() >= 20, "{} models", folders.len());
    let wrong = folders.iter().filter_map(|folder| {
        let [largest, allowed] = difference(folder);
        (largest > allowed).then(|| format!("{}: {largest}, allowed {allowed}", host::name(folder)))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}
