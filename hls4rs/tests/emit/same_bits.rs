//! The C++ of every backend, compiled by g++, gives the bits of the simulation.

use std::fs;
use std::path::{Path, PathBuf};

use hls4rs::backends::Backend;
use hls4rs::ir::{Io, Resolved};
use hls4rs::project::{PipelineStyle, Project};

use crate::{harness, nets, skips};

/// Where a project goes: `HLS4RS_KEEP` keeps it for somebody to look at.
fn place(folder: &tempfile::TempDir, backend: Backend, name: &str) -> PathBuf {
    let keep = std::env::var_os("HLS4RS_KEEP").map(PathBuf::from);
    keep.unwrap_or_else(|| folder.path().to_owned()).join(backend.name()).join(name)
}

#[track_caller]
pub(crate) fn check(net: &Resolved, samples: usize) {
    let name = net.graph().name();
    for &backend in Backend::ALL {
        if net.graph().io() == Io::Stream && !backend.streams() {
            assert!(Project::new(net, backend).files().is_err());
            continue;
        }
        let Some(headers) = harness::headers_or_skip(backend) else { continue };
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = place(&folder, backend, name);
        let project = Project::new(net, backend).random_vectors(samples, 7);
        project.write(&path).unwrap_or_else(|e| panic!("{backend}: {e}"));
        let program = harness::compile(&path, name, &headers, "-std=c++14");
        let (text, code) = harness::run(&program, &[]);
        assert_eq!((text, code), (format!("{samples} samples, 0 mismatches\n"), Some(0)), "{backend}");
    }
}

#[test]
fn dense_layers() {
    check(&nets::dense(), 300);
}

#[test]
fn channels_that_share_multipliers() {
    check(&nets::channels(), 300);
}

#[test]
fn elementwise_layers() {
    check(&nets::elementwise(), 300);
}

#[test]
fn joining_layers() {
    check(&nets::merges(), 300);
}

#[test]
fn softmax_layers() {
    check(&nets::softmaxes(), 300);
}

/// Weights beyond the limit are parameters of the top function, in both interfaces.
#[test]
fn weights_from_outside() {
    for io in Io::ALL {
        let net = nets::with_io(&nets::dense(), io);
        let Some(headers) = harness::headers_or_skip(Backend::Vitis) else { continue };
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = place(&folder, Backend::Vitis, &format!("ports_{io}"));
        let project = Project::new(&net, Backend::Vitis).random_vectors(50, 7).bram_factor(20);
        project.write(&path).expect("a project with ports");
        let name = net.graph().name();
        let top = fs::read_to_string(path.join(format!("firmware/{name}.cpp"))).expect("the network");
        assert!(top.contains("#pragma HLS INTERFACE       bram   port="), "{top}");
        let program = harness::compile(&path, name, &headers, "-std=c++14");
        let (text, code) = harness::run(&program, &[]);
        assert_eq!((text, code), ("50 samples, 0 mismatches\n".to_owned(), Some(0)), "{io}");
    }
}

#[test]
fn a_pipeline_style_that_is_asked_for() {
    let net = nets::dense();
    let text = |style| {
        let files = Project::new(&net, Backend::Vitis).pipeline_style(style).files().expect("a project");
        let path = format!("firmware/{}.cpp", net.graph().name());
        String::from_utf8(files[Path::new(&path)].clone()).expect("text")
    };
    let top = text(PipelineStyle::Pipeline { interval: Some(7) });
    assert!(top.contains("#pragma HLS PIPELINE        II=7"), "{top}");
    assert!(text(PipelineStyle::Dataflow).contains("#pragma HLS DATAFLOW"));
    let stream = nets::with_io(&net, Io::Stream);
    let refused =
        Project::new(&stream, Backend::Vitis).pipeline_style(PipelineStyle::Pipeline { interval: Some(7) });
    assert!(refused.files().is_err());
}

#[test]
fn streams_of_every_layer_above() {
    for net in [nets::elementwise(), nets::merges(), nets::softmaxes()] {
        check(&nets::with_io(&net, Io::Stream), 100);
    }
}

#[test]
fn branches_that_wait_for_each_other() {
    check(&skips::residual(), 30);
    check(&skips::u_net(), 20);
}

#[test]
fn modes_that_a_vendor_does_not_have() {
    check(&nets::modes(false), 600);
}

#[test]
fn test_bench_sees_one_wrong_bit() {
    let net = nets::small();
    for &backend in Backend::ALL {
        let Some(headers) = harness::headers_or_skip(backend) else { continue };
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = place(&folder, backend, "small");
        Project::new(&net, backend).random_vectors(20, 3).write(&path).unwrap_or_else(|e| panic!("{e}"));
        let program = harness::compile(&path, "small", &headers, "-std=c++11");
        assert_eq!(
            harness::run(&program, &[]),
            ("20 samples, 0 mismatches\n".to_owned(), Some(0)),
            "{backend}"
        );

        // With a file of inputs it prints what the outputs should be.
        let expected = fs::read_to_string(path.join("tb_data/expected.dat")).expect("written above");
        assert_eq!(harness::run(&program, &["tb_data/inputs.dat"]), (expected.clone(), Some(0)), "{backend}");

        let first: i64 = expected.split_whitespace().next().and_then(|w| w.parse().ok()).expect("a number");
        let wrong = expected.replacen(&first.to_string(), &(first ^ 1).to_string(), 1);
        fs::write(path.join("tb_data/wrong.dat"), wrong).expect("writable");
        let (text, code) = harness::run(&program, &["tb_data/inputs.dat", "tb_data/wrong.dat"]);
        let message = format!(
            "sample 0, element 0: expected raw {}, found {first}\n20 samples, 1 mismatches\n",
            first ^ 1
        );
        assert_eq!((text, code), (message, Some(1)), "{backend}");
    }
}
