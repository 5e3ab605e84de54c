//! HDF5 files whose structures claim what is not there, each made from a sound one by a few bytes.

use std::fs;

use hls4rs::frontends::keras;
use hls4rs_tests::host;

/// Too much is claimed, or the same again and again.
const TOO_MUCH: &str = "what it holds and what others hold is more than the file has";

fn model(name: &str) -> Vec<u8> {
    fs::read(host::root().join("tests/models").join(name)).expect("a model")
}

/// The first place behind `from` where something stands.
fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let found = bytes[from..].windows(what.len()).position(|window| window == what);
    from + found.expect("it stands somewhere")
}

/// Changes bytes of a sound file, some bytes behind a text, and reads it.
#[track_caller]
fn refused(behind: &[u8], patches: &[(usize, &[u8])], reason: &str) {
    let mut bytes = model("shared.h5");
    let start = find(&bytes, 0, behind);
    for (at, patch) in patches {
        bytes[start + at..start + at + patch.len()].copy_from_slice(patch);
    }
    let error = keras::read_bytes("model.h5", bytes).expect_err("a hostile file").to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn counts_of_what_is_not_there_are_refused() {
    let many = [0xFF, 0xFF];
    refused(b"SNOD", &[(6, &many)], "is behind the end of the file");
    refused(b"TREE", &[(6, &many)], TOO_MUCH);
    // The type of an attribute stands behind its name, the length of its text behind type and shape.
    let name = b"model_config\0\0\0\0";
    refused(name, &[(16, b"\x16\xFF\xFF")], "a type of class 6 of HDF5, expected numbers or texts");
    refused(name, &[(16, b"\x18\xFF\xFF")], "a type with 65535 names, more than 256");
    refused(name, &[(24, b"\x19")], "a type of class 9 of HDF5");
    refused(name, &[(48, &many)], TOO_MUCH);
}

#[test]
fn structures_within_themselves_are_refused() {
    // A node whose child is the node.
    refused(b"TREE", &[(5, &[1]), (32, &[136, 0])], TOO_MUCH);
    // A group that is the group it is in.
    refused(b"SNOD", &[(16, &[96, 0])], TOO_MUCH);
    // The first object is continued where it begins.
    let root = find(&model("shared.h5"), 0, &[1, 0, 4, 0]);
    assert_eq!(root, 96);
    refused(&[1, 0, 4, 0], &[(24, &[112, 0]), (32, &[24])], TOO_MUCH);
}

#[test]
fn newer_versions_are_read_if_links_are_in_the_groups() {
    let draft = keras::read_bytes("model.h5", model("newest.h5")).expect("a sound model");
    assert!(draft.to_string().contains("fc"), "{draft}");
    let error = keras::read_bytes("model.h5", model("dense.h5")).expect_err("links in a heap").to_string();
    assert!(error.contains("write the file without `libver='latest'`"), "{error}");
    let error = keras::read_bytes("model.h5", model("chunk.h5")).expect_err("a large chunk").to_string();
    assert!(error.contains("its chunks have 1073741824 bytes each"), "{error}");
}
