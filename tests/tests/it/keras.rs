//! Files of Keras: the committed models, bad ones, and hostile ones.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hls4rs::frontends::{ImportError, keras};
use hls4rs_ir::draft::DraftNode;
use hls4rs_ir::ops::BatchNorm;
use hls4rs_ir::{Slot, Tensor};
use hls4rs_tests::golden::{Outcome, case, committed, convert};
use hls4rs_tests::{drafts, host};

/// Model files of committed cases.
fn models() -> Vec<PathBuf> {
    let folders = case::folders(&committed()).expect("the committed cases");
    let files = folders.iter().flat_map(|folder| ["model.keras", "model.h5"].map(|name| folder.join(name)));
    files.filter(|file| file.is_file()).collect()
}

#[test]
fn committed_models_convert_to_the_recorded_bits() {
    let models = models();
    assert!(models.len() >= 60, "{} models", models.len());
    for model in models {
        let folder = model.parent().expect("a folder");
        let recorded = case::Case::read(folder).expect("a case");
        if matches!(recorded.backend.as_str(), "Vivado" | "Vitis") {
            let outcome = convert::outcome(folder);
            assert!(matches!(outcome, Outcome::Exact { .. }), "{}: {outcome:?}", folder.display());
        } else {
            drafts::read(folder).expect("a model that is understood");
        }
    }
}

/// What hls4ml computes for models that none of its own tests has; `record.py` beside them made them.
#[test]
fn further_models_convert_to_the_bits_of_hls4ml() {
    let folders = case::folders(&host::root().join("tests/recorded")).expect("the recorded models");
    assert!(folders.len() >= 3, "{} models", folders.len());
    for folder in folders {
        let outcome = convert::outcome(&folder);
        assert!(matches!(outcome, Outcome::Exact { .. }), "{}: {outcome:?}", folder.display());
    }
}

/// What is wrong with a file, without the folder that it is in.
fn message(path: &Path, error: &ImportError) -> String {
    let folder = format!("{}/", path.parent().expect("a folder").display());
    error.to_string().replace(&folder, "")
}

/// Every architecture of `tests/bad_models` with the message in the file beside it; `UPDATE_EXPECT=1` writes it.
#[test]
fn bad_models_are_told_in_full() {
    let weights = committed().join("keras_v2/test_merge-55167533/model.h5");
    let folder = host::root().join("tests/bad_models");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("bad models") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        seen += 1;
        let error = keras::read_with_weights(&path, &weights).expect_err("a bad model");
        let found = message(&path, &error) + "\n";
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).expect("the message is written");
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, expected, "{}", path.display());
    }
    assert!(seen >= 6, "{seen} bad models");
}

#[track_caller]
fn refused(path: &Path, reason: &str) {
    let start = Instant::now();
    let error = keras::read(path).expect_err("a hostile file");
    let found = message(path, &error);
    assert!(found.contains(reason), "{found}");
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
}

#[test]
fn hostile_files_are_refused() {
    let folder = host::root().join("tests/models");
    refused(&folder.join("absurd.h5"), "the shape has more than 268435456 elements");
    refused(&folder.join("packed.h5"), "2097152 values are more than a file of this size can hold");
    refused(&folder.join("cycle.h5"), "what it holds and what others hold is more than the file has");
    refused(&folder.join("deep.h5"), "more than 24 groups within each other");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("model.keras");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("config.json", zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(&vec![b' '; 1 << 26]).expect("its bytes");
    fs::write(&path, zip.finish().expect("an archive").into_inner()).expect("written");
    refused(&path, "`config.json`: unpacks to more than 16 times the size of the file");
    fs::write(&path, b"PK").expect("written");
    refused(&path, "not a Keras archive (`.keras`): not a zip file");
    fs::write(&path, "[ ".repeat(100_000)).expect("written");
    refused(&path, "neither zip nor HDF5, and as JSON: recursion limit exceeded");
}

/// Models within models, of which each has ten of the next.
#[test]
fn models_within_models_end_somewhere() {
    let layer = |n: usize, inner: &str| {
        let layers = format!("{inner},").repeat(10);
        format!(
            r#"{{"class_name": "Sequential", "config": {{"name": "m{n}", "layers": [{}]}}}}"#,
            layers.trim_end_matches(',')
        )
    };
    let relu = r#"{"class_name": "ReLU", "config": {"name": "r"}}"#;
    let input = r#"{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}}"#;
    let nested = (0..5).fold(relu.to_owned(), |inner, n| layer(n, &inner));
    let whole = format!(
        r#"{{"class_name": "Sequential", "config": {{"name": "net", "layers": [{input}, {nested}]}}}}"#
    );
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("model.json");
    fs::write(&path, whole).expect("written");
    let weights = committed().join("keras_v2/test_merge-55167533/model.h5");
    let error = keras::read_with_weights(&path, weights).expect_err("too many layers");
    assert!(error.to_string().contains("the model has more than 16384 layers"), "{error}");
}

/// Every model of `tests/models` that has a draft beside it becomes that draft; `UPDATE_EXPECT=1` writes it.
#[test]
fn small_models_become_their_drafts() {
    let folder = host::root().join("tests/models");
    let names = [
        "channels_first",
        "several_filters_for_a_channel",
        "parametrized",
        "both_directions",
        "shared",
        "steps",
    ];
    let plain = names.map(|name| (name, format!("{name}.h5")));
    let archive = ("attention_over_an_image", "attention_over_an_image.keras".to_owned());
    for (name, file) in plain.into_iter().chain([archive]) {
        let draft = keras::read(folder.join(file)).expect("a small model");
        let found = draft.to_string();
        let expected = folder.join(format!("{name}.draft"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).expect("the draft is written");
        }
        assert_eq!(found, fs::read_to_string(&expected).unwrap_or_default(), "{name}");
    }
}

#[test]
fn layers_of_ones_own_are_read_by_their_importer() {
    let config = r#"{"class_name": "Sequential", "config": {"name": "net", "layers": [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}},
        {"class_name": "mine>Scaled", "config": {"name": "s", "factor": 3}}
    ]}}"#;
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("model.json");
    fs::write(&path, config).expect("written");
    let weights = committed().join("keras_v2/test_merge-55167533/model.h5");
    let scaled = |layer: &keras::CustomLayer<'_>| {
        let factor = layer.config.get("factor").and_then(serde_json::Value::as_f64).ok_or("no factor")?;
        let (x, shape) = layer.inputs[0];
        let mut node = DraftNode::new(layer.name, "Scaled", BatchNorm, &[x]);
        let values = Tensor::new(shape.clone(), vec![factor; shape.elements()]).map_err(|_| "no values")?;
        node.values.set(Slot::Scale, values);
        Ok(node)
    };
    let draft = keras::Reader::new().layer("Scaled", scaled).read_with_weights(&path, &weights);
    let text = draft.expect("a model that is understood").to_string();
    assert_eq!(text, "x: Input input()\ns: Scaled batch_norm() <- x; scale = [2] [3.0, 3.0]\n-> s\n");
    let refuses = |_: &keras::CustomLayer<'_>| Err("not today".to_owned());
    let error = keras::Reader::new().layer("Scaled", refuses).read_with_weights(&path, &weights);
    let error = error.expect_err("the importer's").to_string();
    assert!(error.ends_with("model.json: layer `s` (Scaled): not today"), "{error}");
}
