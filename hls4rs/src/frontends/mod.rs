//! Networks from files: trained models and hls4ml's configurations.
//!
//! A reader makes a [`Draft`] of a file; [`import`] applies a [`Config`] and hls4ml's passes
//! and gives the network.

mod config;
mod error;
#[cfg(feature = "keras")]
pub mod keras;
mod keys;
#[cfg(feature = "keras")]
mod load;
mod modes;
mod project_config;
#[cfg(feature = "npz")]
mod rust;

pub use config::{ConfigError, ReadConfig, config_from_file, config_from_json, config_from_toml};
pub use config::{config_from_value, config_from_yaml, config_to_value};
pub use error::{ImportError, Problem};
pub use hls4rs_ir::draft::{Asked, Config, Draft, DraftFault, DraftFaults, Granularity, Section, Setting};
use hls4rs_ir::{Graph, Io, Resolved, attr, passes};
#[cfg(feature = "keras")]
pub use load::{LoadError, load};
pub use project_config::{Pipeline, ProjectConfig, Uncertainty};
#[cfg(feature = "npz")]
pub use rust::{RustModule, relative, rust_module};

/// A network from a file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the passes have left, a type in every slot, under hls4ml's names.
    pub draft: Draft,
    /// The network.
    pub network: Resolved,
    /// What the configuration's file says of the project.
    pub project: ProjectConfig,
    /// What the formats may cut off, and what of the configuration has no effect.
    pub warnings: Vec<String>,
}

impl Imported {
    /// The graph of the network.
    pub fn graph(&self) -> &Graph {
        self.network.graph()
    }
}

/// Applies a configuration and hls4ml's passes.
///
/// # Errors
/// Everything that leaves the network without a meaning, all of it at once.
pub fn import(mut draft: Draft, config: &Config, io: Io) -> Result<Imported, DraftFaults> {
    let mut warnings = unused(&draft, config);
    warnings.append(&mut draft.warnings);
    passes::run(&mut draft, config, io)?;
    let (network, cut_off) = draft.build(io)?;
    warnings.extend(cut_off);
    Ok(Imported { draft, network, project: ProjectConfig::default(), warnings })
}

/// Layers that the configuration names and the network does not have.
fn unused(draft: &Draft, config: &Config) -> Vec<String> {
    let parts = draft.nodes.iter().filter_map(|node| Some(node.part.as_ref()?.layer.as_str()));
    let names: Vec<_> = draft.nodes.iter().map(|node| node.name.as_str()).chain(parts).collect();
    let unknown = config.by_name.keys().filter(|name| !names.contains(&name.as_str()));
    let classes: Vec<_> = draft.nodes.iter().map(|node| node.class.as_str()).collect();
    let listed = config.output_modes.iter().flat_map(|modes| &modes.layers);
    let listed = listed.filter(|name| !names.contains(&name.as_str()) && !classes.contains(&name.as_str()));
    unknown
        .chain(listed)
        .map(|name| match attr::nearest(name, names.iter().copied()) {
            Some(near) => format!("the configuration of layer `{name}` has no effect; is `{near}` meant?"),
            None => format!("the configuration of layer `{name}` has no effect: there is no such layer"),
        })
        .collect()
}
