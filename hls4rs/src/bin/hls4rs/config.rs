//! `hls4rs config`: a configuration with every key at its default.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use hls4rs::frontends::{Draft, keras};
use hls4rs::ir::precision::variable;
use serde_json::{Value, json};

use crate::{Done, model};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A trained model: `.keras`, `.h5`, `.json` with its weights.
    model: PathBuf,
    /// How fine it is: the model as a whole, classes of layers, or every layer by its name.
    #[arg(long, value_enum, default_value = "name")]
    granularity: Granularity,
    /// The type of everything that is not `auto`.
    #[arg(long, default_value = "fixed<16,6>")]
    default_precision: String,
    /// Where it goes, `.yml`, `.toml` or `.json`; without it, to the terminal as YAML.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Granularity {
    Model,
    Type,
    Name,
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let draft = keras::read(&args.model)?;
    let config = config(&draft, args);
    let extension = args.output.as_ref().and_then(|path| path.extension()).and_then(|e| e.to_str());
    let text = match extension {
        _ if as_json => serde_json::to_string_pretty(&config)?,
        Some("json") => serde_json::to_string_pretty(&config)?,
        Some("toml") => toml::to_string_pretty(&config)?,
        None | Some("yml" | "yaml") => serde_saphyr::to_string(&config)?,
        Some(other) => {
            return Err(format!("a configuration is `.yml`, `.toml` or `.json`, not `.{other}`").into());
        }
    };
    match &args.output {
        Some(path) => {
            model::write(path, text)?;
            eprintln!("{}", path.display());
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn config(draft: &Draft, args: &Args) -> Value {
    let mut config = json!({
        "Model": { "Precision": { "default": args.default_precision }, "ReuseFactor": 1, "Strategy": "Latency" },
    });
    let mut sections: BTreeMap<String, Value> = BTreeMap::new();
    for node in &draft.nodes {
        let name = if args.granularity == Granularity::Type { &node.class } else { &node.name };
        let slots = node.op.layer().slots().iter().map(|&slot| variable(slot));
        let precision: BTreeMap<_, _> = slots.chain(["result"]).map(|slot| (slot, "auto")).collect();
        let mut section = json!({ "Precision": precision });
        if node.op.layer().strategies().len() > 1 {
            section["ReuseFactor"] = json!(1);
            section["Strategy"] = json!("Latency");
        }
        sections.insert(name.clone(), section);
    }
    match args.granularity {
        Granularity::Model => {}
        Granularity::Type => config["LayerType"] = json!(sections),
        Granularity::Name => config["LayerName"] = json!(sections),
    }
    config
}
