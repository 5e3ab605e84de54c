//! `hls4rs config`: a configuration with every key at its default.

use std::path::PathBuf;
use std::process::ExitCode;

use hls4rs::frontends::{Config, Granularity, config_to_value, keras};
use hls4rs::ir::draft::Type;

use crate::{Done, model};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A trained model: `.keras`, `.h5`, `.json` with its weights.
    model: PathBuf,
    /// How fine it is: the model as a whole, classes of layers, or every layer by its name.
    #[arg(long, value_enum, default_value = "name")]
    granularity: Fineness,
    /// The type of everything that is not `auto`.
    #[arg(long, default_value = "fixed<16,6>")]
    default_precision: String,
    /// Where it goes, `.yml`, `.toml` or `.json`; without it, to the terminal as YAML.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Fineness {
    Model,
    Type,
    Name,
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let draft = keras::read(&args.model)?;
    let default = args.default_precision.parse::<Type>()?;
    let granularity = match args.granularity {
        Fineness::Model => Granularity::Model,
        Fineness::Type => Granularity::Class,
        Fineness::Name => Granularity::Name,
    };
    let config = config_to_value(&Config::of(&draft, granularity, default));
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
