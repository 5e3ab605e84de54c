//! Whole projects as plain files under `tests/projects/BACKEND/CASE`; `UPDATE_EXPECT=1` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hls4rs::backends::Backend;
use hls4rs::project::Project;

use crate::nets;

fn on_disk(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a readable directory").path();
        if path.is_dir() {
            on_disk(root, &path, files);
        } else {
            let inside = path.strip_prefix(root).expect("found below the root").to_owned();
            files.insert(inside, fs::read(&path).expect("a readable file"));
        }
    }
}

fn check(backend: Backend) {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects").join(backend.name()).join("small");
    let net = nets::small();
    let files = Project::new(&net, backend).random_vectors(8, 1).files().expect("the network can be built");
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|v| v == "1") {
        let _ = fs::remove_dir_all(&root);
        for (file, content) in &files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("below the root")).expect("a writable directory");
            fs::write(path, content).expect("a writable file");
        }
    }
    let mut found = BTreeMap::new();
    on_disk(&root, &root, &mut found);
    assert_eq!(files.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{backend}: files");
    for (file, content) in &files {
        assert_eq!(
            String::from_utf8_lossy(content),
            String::from_utf8_lossy(&found[file]),
            "{backend}: {}; UPDATE_EXPECT=1 rewrites it",
            file.display()
        );
    }
}

#[test]
fn vitis_project_is_as_committed() {
    check(Backend::Vitis);
}

#[test]
fn quartus_project_is_as_committed() {
    check(Backend::Quartus);
}
