//! What a build script learns when a model does not become Rust.

use std::fs;

use hls4rs::build::{BuildError, Model};
use hls4rs::frontends::LoadError;
use hls4rs_tests::host;

#[test]
fn errors_name_the_file_they_are_about() {
    let root = host::root().join("tests/models");
    let out = tempfile::tempdir().expect("a folder");
    let model = Model::from_file("shared.h5").rust();
    assert_eq!(model.emit_into(&root, out.path()).expect("a sound model"), Vec::<String>::new());
    assert!(out.path().join("shared.rs").is_file());

    let missing = Model::from_file("missing.h5").rust().emit_into(&root, out.path()).expect_err("no file");
    assert!(matches!(missing, BuildError::Load(LoadError::Model(_))), "{missing}");
    assert!(missing.to_string().contains("missing.h5: "), "{missing}");

    // A folder stands where the Rust should be.
    fs::remove_file(out.path().join("shared.rs")).expect("it was written");
    fs::create_dir(out.path().join("shared.rs")).expect("a folder");
    let taken = model.emit_into(&root, out.path()).expect_err("no room for the file");
    let BuildError::Io { path, .. } = &taken else { panic!("{taken}") };
    assert_eq!(path, &out.path().join("shared.rs"));
}
