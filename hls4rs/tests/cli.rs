//! The command `hls4rs`, run as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits/model.keras")
}

/// Runs the command in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hls4rs"));
    command.current_dir(folder).args(arguments).output().expect("the command runs")
}

#[track_caller]
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one value")
}

#[track_caller]
fn fails(arguments: &[&str], code: i32, message: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(message), "{text}");
    assert!(std::fs::read_dir(folder.path()).expect("a folder").next().is_none(), "nothing is left behind");
}

#[test]
fn a_model_is_shown_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = digits();
    let model = model.to_str().expect("a path");
    let shown = json(folder.path(), &["show", model]);
    assert_eq!(shown["multiplications"], 64 * 32 + 32 * 16 + 16 * 10);
    assert_eq!(shown["layers"][1]["name"], "fc1");
    assert_eq!(shown["layers"][1]["formats"]["weight"], "fixed<16,6>");
    let checked = json(folder.path(), &["check", model]);
    assert!(
        checked["warnings"].as_array().is_some_and(|w| w[0].as_str().is_some_and(|w| w.contains("`fc1`")))
    );
    assert_eq!(run(folder.path(), &["check", model, "--strict"]).status.code(), Some(1));
    // Without a default of its own everything is as wide as it must be, up to the results.
    std::fs::write(folder.path().join("c.toml"), "[Model.Precision]\ndefault = \"auto\"\n").expect("a file");
    let text = run(folder.path(), &["check", model, "-c", "c.toml"]);
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
}

#[test]
fn a_configuration_has_every_layer_and_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = digits();
    let model = model.to_str().expect("a path");
    for name in ["c.toml", "c.yml", "c.json"] {
        assert!(run(folder.path(), &["config", model, "-o", name]).status.success());
        let text = std::fs::read_to_string(folder.path().join(name)).expect("the configuration");
        assert!(text.contains("logits") && text.contains("accum"), "{text}");
        let shown = json(folder.path(), &["show", model, "-c", name]);
        // `auto` of hls4ml: exact.
        assert_eq!(shown["layers"][1]["formats"]["accum"], "fixed<39,19>");
    }
}

#[test]
fn a_project_and_a_rust_module_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = digits();
    let model = model.to_str().expect("a path");
    let report = json(folder.path(), &["convert", model, "--backend", "vitis", "-o", "project"]);
    assert_eq!(report["samples"], 100);
    assert!(folder.path().join("project/build_prj.tcl").is_file());
    let report = json(folder.path(), &["import", model, "-o", "src/model.rs", "--name", "Digits"]);
    assert_eq!(report["struct"], "Digits");
    let text = std::fs::read_to_string(folder.path().join("src/model.rs")).expect("the module");
    assert!(
        text.starts_with("use hls4rs::prelude::*;\n\nnetwork! {\n    /// Imported from `model.keras`.\n"),
        "{text}"
    );
    assert!(text.contains("let fc1 = dense(input_layer, 32) {"), "{text}");
    assert!(folder.path().join("src/model.npz").is_file());
}

#[test]
fn a_configuration_says_how_the_project_is_built() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = digits();
    let model = model.to_str().expect("a path");
    let config = "Backend: Vitis\nIOType: io_parallel\nPart: xcku115-flvb2104-2-i\nClockPeriod: 4\n\
                  ClockUncertainty: 0.5\nProjectName: digits\nHLSConfig:\n  Model:\n    Precision: fixed<16,6>\n    \
                  BramFactor: 1000\n    PipelineStyle: pipeline\n    PipelineInterval: 3\n    \
                  ConvImplementation: Encoded\n  LayerName:\n    fc2:\n      Strategy: Resource\n      \
                  ReuseFactor: 4\n      Compression: true\n";
    std::fs::write(folder.path().join("c.yml"), config).expect("a file");
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).expect("a file of the project");
    let report = json(folder.path(), &["convert", model, "-c", "c.yml", "-o", "project"]);
    assert!(
        report["warnings"][0]
            .as_str()
            .is_some_and(|words| words.contains("`Model.ConvImplementation` has no effect")),
        "{report}"
    );
    let script = read("project/project.tcl") + &read("project/build_prj.tcl");
    assert!(script.contains("xcku115-flvb2104-2-i") && script.contains("12.5"), "{script}");
    let top = read("project/firmware/digits.cpp");
    assert!(top.contains("II=3") && top.contains("weights compressed: 4 steps of"), "{top}");
    assert!(top.contains("fc1_weight[64][32]"), "{top}");
    // What is said to the command counts more.
    let arguments =
        ["convert", model, "-c", "c.yml", "--io", "stream", "--part", "xcvu9p-flga2104-2-i", "-o", "other"];
    let output = run(folder.path(), &arguments);
    assert!(String::from_utf8_lossy(&output.stderr).contains("leave the pipeline style out"));
    std::fs::write(folder.path().join("c.yml"), config.replace("pipeline\n", "auto\n")).expect("a file");
    assert!(run(folder.path(), &arguments).status.success());
    let script = read("other/project.tcl") + &read("other/build_prj.tcl");
    assert!(script.contains("xcvu9p-flga2104-2-i") && !script.contains("xcku115"), "{script}");
    assert!(read("other/firmware/digits.cpp").contains("#pragma HLS DATAFLOW"));
    std::fs::write(folder.path().join("c.yml"), "Backend: Vivid\n").expect("a file");
    let output = run(folder.path(), &["convert", model, "-c", "c.yml", "-o", "third"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("`Backend` of the configuration"));
}

#[test]
fn mistakes_say_what_is_wrong() {
    let model = digits();
    let model = model.to_str().expect("a path");
    fails(&["show", "nothing.keras"], 1, "error: nothing.keras: No such file or directory");
    fails(&["show", model, "-c", "nothing.toml"], 1, "error: nothing.toml: ");
    fails(&["convert", model, "--backend", "vitas", "-o", "x"], 2, "expected one of `vitis`, `quartus`");
    fails(&["convert", model, "--io", "streams", "-o", "x"], 2, "expected `parallel` or `stream`");
    fails(&["convert", model, "--clock-period", "0", "-o", "x"], 1, "expected a clock period above 0 ns");
    fails(
        &["predict", model, "--input", "a.npy", "--input", "b.npy", "-o", "y.npy"],
        1,
        "an `--input` for each of",
    );
    fails(&["predict", model, "--input", "a.npy", "-o", "y.npy"], 1, "a.npy: No such file or directory");
}
