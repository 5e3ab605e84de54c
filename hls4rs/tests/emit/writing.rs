//! Projects are written whole or not at all, and nothing of the user is touched.

use std::fs;

use hls4rs::backends::{Backend, BackendError};
use hls4rs::project::Project;

use crate::nets;

fn project() -> Project {
    Project::new(&nets::small(), Backend::Vitis)
}

#[test]
fn same_network_same_bytes() {
    assert_eq!(project().files().expect("valid"), project().files().expect("valid"));
}

#[test]
fn made_again_it_replaces_itself() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("deep/project");
    let report = project().write(&path).expect("a free place");
    assert_eq!(report.files, project().files().expect("valid").len());
    fs::write(path.join("firmware/left_over.h"), "old").expect("writable");
    project().write(&path).expect("our own project");
    assert!(!path.join("firmware/left_over.h").exists());
    let beside: Vec<_> = fs::read_dir(path.parent().expect("has one")).expect("readable").collect();
    assert_eq!(beside.len(), 1, "nothing is left beside the project");
}

#[test]
fn foreign_directory_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    fs::write(folder.path().join("thesis.tex"), "text").expect("writable");
    let error = project().write(folder.path()).expect_err("not ours");
    assert!(matches!(error, BackendError::NotOurs { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
}

#[test]
fn file_in_the_way_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("project");
    fs::write(&path, "text").expect("writable");
    assert!(matches!(project().write(&path), Err(BackendError::NotOurs { .. })));
    assert_eq!(fs::read_to_string(&path).expect("still a file"), "text");
}

#[test]
fn nonsense_is_refused_before_a_file_is_made() {
    let clock = project().clock_ns(0.0).validate();
    assert!(matches!(clock, Err(BackendError::Clock { .. })));
    let part = project().part("a part; exec rm").validate();
    assert!(matches!(part, Err(BackendError::Part { .. })));
    let short = project().vectors(vec![vec![1i64; 3]], vec![vec![0i64; 4]]).validate();
    let text = short.expect_err("three of four inputs").to_string();
    assert_eq!(text, "inputs of sample 0: expected 4 values in the range of their formats, found 3");
    let outside = project().vectors(vec![vec![0i64, 0, 0, 128]], vec![vec![0i64; 4]]).validate();
    let text = outside.expect_err("128 in eight bits").to_string();
    assert_eq!(
        text,
        "inputs of sample 0: expected 4 values in the range of their formats, found 128 for fixed<8,3>"
    );
}

#[test]
fn format_that_a_vendor_does_not_have_is_named() {
    let net = nets::modes(true);
    Project::new(&net, Backend::Vitis).files().expect("ap_fixed has WRAP_SM");
    let text = Project::new(&net, Backend::Quartus).files().expect_err("ac_fixed has not").to_string();
    assert_eq!(
        text,
        "quartus: layer `mode8`, slot `result`: the vendor's types do not have fixed<7,4,RND,WRAP_SM>\n  help: use another overflow mode, such as `SAT` or plain `WRAP`"
    );
}
