//! Configurations that say what has no meaning.

use std::fs;

use hls4rs::frontends::{config_from_file, import, keras};
use hls4rs_ir::Io;
use hls4rs_tests::host;

/// Every file of `tests/bad_configs`, for the digits of the examples, with the message in the file beside it;
/// `UPDATE_EXPECT=1` writes it.
#[test]
fn bad_configurations_are_told_in_full() {
    let draft = keras::read(host::root().join("examples/digits/model.keras")).expect("the digits");
    let mut seen = 0;
    let folder = host::root().join("tests/bad_configs");
    for entry in fs::read_dir(&folder).expect("bad configurations") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension == "txt") {
            continue;
        }
        seen += 1;
        let found = match config_from_file(&path) {
            Err(error) => error.to_string().replace(&format!("{}/", folder.display()), ""),
            Ok(read) => match import(draft.clone(), &read.config, Io::Parallel) {
                Err(faults) => faults.to_string(),
                Ok(imported) => [read.warnings, imported.warnings].concat().join("\n"),
            },
        };
        assert!(!found.is_empty(), "{}: nothing is wrong", path.display());
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, format!("{found}\n")).expect("the message is written");
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found + "\n", expected, "{}", path.display());
    }
    assert!(seen >= 11, "{seen} configurations");
}
