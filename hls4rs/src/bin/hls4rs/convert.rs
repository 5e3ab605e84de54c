//! `hls4rs convert`: an HLS project.

use std::path::PathBuf;
use std::process::ExitCode;

use hls4rs::backends::Backend;
use hls4rs::project::Project;
use serde_json::json;

use crate::{Done, model, print, simulate};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: model::Source,
    /// For which vendor's tool; by default that of the configuration, else Vitis HLS.
    #[arg(long, value_parser = backend)]
    backend: Option<Backend>,
    /// The part, as the vendor writes it.
    #[arg(long)]
    part: Option<String>,
    /// The clock period in nanoseconds; by default that of the configuration, else 5.
    #[arg(long)]
    clock_period: Option<f64>,
    /// The clock uncertainty in percent of the period.
    #[arg(long)]
    clock_uncertainty: Option<f64>,
    /// Trained values of more elements than this come through ports of the top function.
    #[arg(long)]
    bram_factor: Option<usize>,
    /// Samples for the test bench (`.npy`), once for each input of the network; without them it has random ones.
    #[arg(long)]
    input: Vec<PathBuf>,
    /// The folder of the project.
    #[arg(short, long)]
    output: PathBuf,
}

fn backend(word: &str) -> Result<Backend, String> {
    Backend::from_name(&word.to_lowercase()).ok_or_else(|| {
        let names: Vec<_> = Backend::ALL.iter().map(|backend| format!("`{}`", backend.name())).collect();
        format!("expected one of {}", names.join(", "))
    })
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let model = args.model.read()?;
    let bar = print::progress("writing the project");
    let backend = match (args.backend, &model.project.backend) {
        (Some(backend), _) => backend,
        (None, Some(word)) => {
            backend(word).map_err(|e| format!("`Backend` of the configuration: {e}, found `{word}`"))?
        }
        (None, None) => Backend::Vitis,
    };
    let mut project = Project::new(&model.network, backend).configured(&model.project);
    if let Some(ns) = args.clock_period {
        project = project.clock_ns(ns);
    }
    if let Some(part) = &args.part {
        project = project.part(part);
    }
    if let Some(percent) = args.clock_uncertainty {
        project = project.clock_uncertainty(percent);
    }
    if let Some(elements) = args.bram_factor {
        project = project.bram_factor(elements);
    }
    if !args.input.is_empty() {
        let samples = simulate::flat(&model, &args.input)?;
        project = project.samples(&samples.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    }
    let report = project.write(&args.output)?;
    drop(bar);
    if as_json {
        println!(
            "{}",
            json!({ "path": report.path, "files": report.files, "bytes": report.bytes,
            "samples": report.samples, "digest": report.digest, "warnings": model.warnings })
        );
    } else {
        model.warn();
        println!("{}: {} files for {}", report.path.display(), report.files, backend);
        println!("`make csim` in it compares the C++ with the simulation on {} samples", report.samples);
    }
    Ok(ExitCode::SUCCESS)
}
