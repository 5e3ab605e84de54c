//! Networks as `network!`, random ones and those of imported models: the typed code that a user gets, compared with
//! the engine.
//!
//! All networks become modules of one crate, which is built once and run once.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use hls4rs::frontends::rust_module;
use hls4rs_ir::{Facts, Resolved, source};

use crate::random::{Raw, network, samples};
use crate::rng::Rng;
use crate::simulate::Simulation;
use crate::{Error, golden, host};

/// The struct of a network that is compiled.
pub(crate) const HEADER: source::Header<'_> = source::Header { name: "Network", docs: &[], weights: None };

/// Samples for each network.
const SAMPLES: usize = 200;

/// Samples for each imported network: some of them are large.
const IMPORTED_SAMPLES: usize = 5;

/// What the modules of the crate share, and its `main`.
const MAIN: &str = r#"//! Networks, written by `cargo xtask equal --typed` or `--imported`.

use std::io::{BufRead, Write};

use hls4rs_fixed::Number;

/// Reads `network value value …` from every line and prints the outputs.
fn main() {
    let stdin = std::io::stdin().lock();
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    for line in stdin.lines() {
        let line = line.expect("text");
        let mut numbers = line.split(' ').map(|n| n.parse::<i128>().expect("a number"));
        let network = numbers.next().expect("a network") as usize;
        let outputs = NETWORKS[network](&mut numbers);
        let words: Vec<_> = outputs.iter().map(i128::to_string).collect();
        writeln!(stdout, "{}", words.join(" ")).expect("written");
    }
}

type Numbers<'a> = &'a mut dyn Iterator<Item = i128>;

fn take<T: Number, const N: usize>(numbers: Numbers<'_>) -> [T; N] {
    std::array::from_fn(|_| T::from_raw(numbers.next().expect("a value")))
}

fn give<T: Number, const N: usize>(outputs: &mut Vec<i128>, values: [T; N]) {
    outputs.extend(values.map(T::raw));
}
"#;

/// A network and its source.
struct Case {
    label: String,
    network: Resolved,
    source: String,
    /// The file of weights that the source reads.
    weights: Option<Vec<u8>>,
    samples: Vec<Vec<Raw>>,
}

/// Compares `count` networks of a seed and says what came out; whether all were equal.
///
/// # Errors
/// If the crate cannot be built or run.
pub fn run(count: usize, seed: u64) -> Result<bool, Error> {
    let case = |n: usize| {
        let network = network(seed, n, &|_| true, true);
        let samples = samples(&network, &mut Rng::of(seed, n as u64), SAMPLES);
        let source = source::network(network.graph(), HEADER);
        let source = format!("use hls4rs::prelude::*;\n\n{source}");
        Case { label: format!("network {n}"), source, weights: None, network, samples }
    };
    let cases: Vec<_> = (0..count).map(case).collect();
    let wrong = compare("typed", &cases)?;
    println!("equal: typed {count} networks, {wrong} mismatches");
    Ok(wrong == 0)
}

/// Compares `count` recorded models, imported as Rust, with the engine, and says what came out; whether all were
/// equal.
///
/// # Errors
/// If the crate cannot be built or run.
pub fn run_imported(count: usize, seed: u64) -> Result<bool, Error> {
    let cases = golden::imports(count, has_types)?.into_iter().enumerate().map(|(n, (label, network))| {
        let samples = samples(&network, &mut Rng::of(seed, n as u64), IMPORTED_SAMPLES);
        let module = rust_module(&network, Some(HEADER.name), &[], &format!("src/network_{n}.npz"));
        let module = module.map_err(|faults| Error::malformed(&label, faults))?;
        Ok(Case { label, network, source: module.text, weights: Some(module.weights), samples })
    });
    let cases = cases.collect::<Result<Vec<_>, Error>>()?;
    let (count, wrong) = (cases.len(), compare("imported", &cases)?);
    println!("equal: imported {count} networks, {wrong} mismatches");
    Ok(wrong == 0)
}

/// Whether Rust has a type for every format, and a program without optimization is done in reasonable time.
fn has_types(network: &Resolved) -> bool {
    let narrow = |(_, _, facts): (_, _, &Facts)| facts.formats.iter().all(|(_, format)| format.width <= 128);
    let elements: usize = network.graph().nodes().iter().map(|node| node.shape.elements()).sum();
    network.iter().all(narrow) && elements < 1 << 15
}

/// Builds and runs the typed networks; how many differ from the engine.
fn compare(name: &str, cases: &[Case]) -> Result<usize, Error> {
    let folder = write(name, cases)?;
    eprintln!("building {} networks as `network!`", cases.len());
    let program = build(&folder)?;
    let mut lines = String::new();
    for (n, case) in cases.iter().enumerate() {
        for sample in &case.samples {
            let words: Vec<_> = sample.iter().flatten().map(i128::to_string).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{n} {}", words.join(" "));
        }
    }
    let inputs = folder.join("inputs.txt");
    host::write(&inputs, lines)?;
    let file = std::fs::File::open(&inputs).map_err(Error::io(&inputs))?;
    let output = host::run("the program of typed networks", Command::new(&program).stdin(file))?;
    let mut output = output.lines();
    let mut wrong = 0;
    for (n, case) in cases.iter().enumerate() {
        let found: Vec<&str> = output.by_ref().take(case.samples.len()).collect();
        if let Some(what) = difference(&case.network, &case.samples, &found) {
            wrong += 1;
            println!("{} ({}): {what}", case.label, folder.join(format!("src/network_{n}.rs")).display());
        }
    }
    Ok(wrong)
}

/// The first sample whose outputs differ, in words.
fn difference(network: &Resolved, samples: &[Vec<Raw>], found: &[&str]) -> Option<String> {
    let expected = Simulation::new(network).raw(samples);
    if found.len() != samples.len() {
        return Some(format!("{} lines for {} samples", found.len(), samples.len()));
    }
    samples.iter().zip(&expected).zip(found).find_map(|((sample, expected), &found)| {
        let words: Vec<_> = expected.iter().flatten().map(i128::to_string).collect();
        let expected = words.join(" ");
        (expected != found).then(|| format!("inputs {sample:?}: typed {found}, engine {expected}"))
    })
}

/// Writes the crate of the networks.
fn write(name: &str, cases: &[Case]) -> Result<PathBuf, Error> {
    let folder = host::target().join(name);
    let root = host::root();
    let dependency = |name: &str, features: &str| {
        let path = root.join(name).display().to_string().replace('\\', "/");
        format!("{name} = {{ path = \"{path}\", default-features = false, features = [{features}] }}\n")
    };
    let manifest = format!(
        "[package]\nname = \"typed\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{}{}\n[workspace]\n",
        dependency("hls4rs", "\"npz\""),
        dependency("hls4rs-fixed", ""),
    );
    let mut main = MAIN.to_owned();
    let mut list = String::new();
    for (n, case) in cases.iter().enumerate() {
        host::write(&folder.join(format!("src/network_{n}.rs")), module(case))?;
        if let Some(weights) = &case.weights {
            host::write(&folder.join(format!("src/network_{n}.npz")), weights)?;
        }
        let _ = writeln!(main, "\nmod network_{n};");
        let _ = write!(list, "network_{n}::run, ");
    }
    let count = cases.len();
    let _ = writeln!(main, "\nstatic NETWORKS: [fn(Numbers<'_>) -> Vec<i128>; {count}] = [{list}];");
    host::write(&folder.join("src/main.rs"), main)?;
    host::write(&folder.join("Cargo.toml"), manifest)?;
    // The versions of the workspace, so that nothing else is fetched.
    host::write(&folder.join("Cargo.lock"), host::read(&root.join("Cargo.lock"))?)?;
    Ok(folder)
}

/// One network and a function that runs it.
fn module(case: &Case) -> String {
    let graph = case.network.graph();
    let inputs: Vec<_> = graph.inputs().map(|(_, node)| node.name.as_str()).collect();
    let outputs: Vec<_> = graph.outputs().iter().map(|&id| graph.node(id).name.as_str()).collect();
    let taken: String =
        inputs.iter().map(|name| format!("    let {name} = super::take(numbers);\n")).collect();
    let given: String =
        outputs.iter().map(|name| format!("    super::give(&mut outputs, {name});\n")).collect();
    let pattern = match outputs.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("({})", several.join(", ")),
    };
    let arguments: Vec<_> = inputs.iter().map(|name| format!("&{name}")).collect();
    format!(
        "{}\n\
         pub(crate) fn run(numbers: super::Numbers<'_>) -> Vec<i128> {{\n{taken}    \
         let {pattern} = Network::new().predict({});\n    let mut outputs = Vec::new();\n{given}    outputs\n}}\n",
        case.source,
        arguments.join(", "),
    )
}

/// Builds the crate and gives its program.
fn build(folder: &std::path::Path) -> Result<PathBuf, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = folder.join("target");
    let mut command = Command::new(cargo);
    command.current_dir(folder).args(["build", "--quiet"]).env("CARGO_TARGET_DIR", &target);
    host::run("the build of the typed networks", &mut command)?;
    Ok(target.join("debug").join(format!("typed{}", std::env::consts::EXE_SUFFIX)))
}
