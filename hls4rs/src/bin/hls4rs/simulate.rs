//! `hls4rs predict` and `hls4rs trace`.

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use hls4rs::ir::{Resolved, Shape, Tensor, weights};
use hls4rs::simulate::Engine;
use ndarray::{ArrayD, Axis};
use ndarray_npy::{ReadNpyExt, WriteNpyExt};
use serde_json::json;

use crate::model::{self, Model};
use crate::{Done, print};

#[derive(clap::Args)]
pub(crate) struct Predict {
    #[command(flatten)]
    model: model::Source,
    /// An array of samples (`.npy`), the first axis the sample; once for each input of the network.
    #[arg(long, required = true)]
    input: Vec<PathBuf>,
    /// Where the results go (`.npy`); once for each output of the network.
    #[arg(short, long, required = true)]
    output: Vec<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Trace {
    #[command(flatten)]
    model: model::Source,
    /// An array of samples (`.npy`), the first axis the sample; once for each input of the network.
    #[arg(long, required = true)]
    input: Vec<PathBuf>,
    /// Where every layer's results go (`.npz`, an array for each layer).
    #[arg(short, long)]
    output: Option<PathBuf>,
}

pub(crate) fn predict(args: &Predict, as_json: bool) -> Done {
    let model = args.model.read()?;
    let outputs = model.network.graph().outputs();
    if args.output.len() != outputs.len() {
        let names: Vec<_> = outputs.iter().map(|&id| model.network.graph().node(id).name.as_str()).collect();
        let (found, names) = (args.output.len(), names.join(", "));
        return Err(format!("expected an `--output` for each of {names}, found {found}").into());
    }
    let inputs = read(&model.network, &args.input)?;
    let bar = print::progress("simulating");
    let (engine, start) = (Engine::new(&model.network), Instant::now());
    let results = engine.predict(&inputs.iter().map(|x| x.view()).collect::<Vec<_>>())?;
    let seconds = start.elapsed().as_secs_f64();
    drop(bar);
    for (path, result) in args.output.iter().zip(&results) {
        let mut bytes = Vec::new();
        result.write_npy(&mut bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        model::write(path, bytes)?;
    }
    let samples = inputs.first().map_or(0, |x| x.len_of(Axis(0)));
    let names: Vec<_> = args.output.iter().map(|path| path.display().to_string()).collect();
    if as_json {
        println!(
            "{}",
            json!({ "samples": samples, "seconds": seconds, "outputs": names, "warnings": model.warnings })
        );
    } else {
        model.warn();
        println!("{} samples in {seconds:.3} s: {}", print::grouped(samples), names.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn trace(args: &Trace, as_json: bool) -> Done {
    let model = args.model.read()?;
    let inputs = read(&model.network, &args.input)?;
    let bar = print::progress("simulating");
    let trace = Engine::new(&model.network).trace(&inputs.iter().map(|x| x.view()).collect::<Vec<_>>())?;
    drop(bar);
    if let Some(path) = &args.output {
        let arrays: Vec<_> = trace
            .layers()
            .iter()
            .map(|l| Ok((l.name.as_str(), tensor(&l.values)?)))
            .collect::<Result<_, Box<dyn Error>>>()?;
        model::write(path, weights::write_npz(arrays.iter().map(|(name, tensor)| (*name, tensor)))?)?;
    }
    let layers = trace.layers();
    if as_json {
        let layers: Vec<_> = layers
            .iter()
            .map(|layer| {
                let (least, greatest) = layer.observed();
                json!({ "name": layer.name, "shape": layer.shape.to_vec(), "format": layer.format.to_string(),
                    "least": least, "greatest": greatest, "used": layer.used(),
                    "enough": layer.enough().to_string() })
            })
            .collect();
        println!("{}", json!({ "layers": layers, "warnings": model.warnings }));
        return Ok(ExitCode::SUCCESS);
    }
    model.warn();
    let rows = layers.iter().map(|layer| {
        let (least, greatest) = layer.observed();
        vec![
            layer.name.clone(),
            layer.shape.to_string(),
            layer.format.to_string(),
            format!("{least:.5}"),
            format!("{greatest:.5}"),
            format!("{:.0} %", 100.0 * layer.used()),
            layer.enough().to_string(),
        ]
    });
    let head = ["layer", "shape", "format", "#least", "#greatest", "#used", "enough"];
    print::table(&head, &rows.collect::<Vec<_>>());
    Ok(ExitCode::SUCCESS)
}

/// The arrays of all inputs.
pub(crate) fn read(network: &Resolved, paths: &[PathBuf]) -> Result<Vec<ArrayD<f64>>, Box<dyn Error>> {
    let names: Vec<_> = network.graph().inputs().map(|(_, node)| node.name.as_str()).collect();
    if paths.len() != names.len() {
        let (found, names) = (paths.len(), names.join(", "));
        return Err(format!("expected an `--input` for each of {names}, found {found}").into());
    }
    paths.iter().map(|path| array(path)).collect()
}

/// An array of numbers in single or double precision.
fn array(path: &Path) -> Result<ArrayD<f64>, Box<dyn Error>> {
    let open = || File::open(path).map(BufReader::new).map_err(|e| format!("{}: {e}", path.display()));
    if let Ok(values) = ArrayD::<f64>::read_npy(open()?) {
        return Ok(values);
    }
    let single = ArrayD::<f32>::read_npy(open()?);
    let failed = |e| format!("{}: expected an array of single or double precision: {e}", path.display());
    Ok(single.map_err(failed)?.mapv(f64::from))
}

fn tensor(values: &ArrayD<f64>) -> Result<Tensor, Box<dyn Error>> {
    let shape = Shape::new(values.shape()).map_err(|e| format!("the trace is too large for a file: {e}"))?;
    Ok(Tensor::new(shape, values.iter().copied().collect()).expect("as many values as the shape has"))
}

/// The samples of every input, one after the other.
pub(crate) fn flat(model: &Model, paths: &[PathBuf]) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    Ok(read(&model.network, paths)?.into_iter().map(|x| x.iter().copied().collect()).collect())
}
