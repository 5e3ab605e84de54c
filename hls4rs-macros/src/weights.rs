//! The weights file that a network names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hls4rs_ir::Tensor;
use syn::LitStr;

use crate::report::Report;

/// The arrays of a weights file that no layer has taken yet.
#[derive(Default)]
pub(crate) struct Weights {
    /// The file as it was written; `None` if the network names no file.
    pub(crate) file: Option<String>,
    /// The names of all arrays.
    pub(crate) names: Vec<String>,
    arrays: BTreeMap<String, Tensor>,
    used: BTreeSet<String>,
}

impl Weights {
    /// Takes an array; every array is taken once.
    pub(crate) fn take(&mut self, name: &str) -> Option<Tensor> {
        let tensor = self.arrays.remove(name)?;
        self.used.insert(name.to_owned());
        Some(tensor)
    }

    /// Whether an array is there and not taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    /// The arrays that no layer has taken.
    pub(crate) fn unused(&self) -> Vec<String> {
        self.names.iter().filter(|name| !self.used.contains(*name)).cloned().collect()
    }
}

/// Reads the file; `None` if that is not possible, which the report then says.
pub(crate) fn read(file: Option<&LitStr>, root: &Path, report: &mut Report) -> Option<Weights> {
    let Some(file) = file else { return Some(Weights::default()) };
    let name = file.value();
    let mut fail = |message: String, notes: &[String], help: Option<&str>| {
        report.add_noted(file.span().into(), &message, notes, help);
        None
    };
    if Path::new(&name).is_absolute() {
        let help = "write the path relative to the folder of `Cargo.toml`";
        return fail(
            format!("weights file `{name}`: an absolute path does not build elsewhere"),
            &[],
            Some(help),
        );
    }
    let bytes = match std::fs::read(root.join(&name)) {
        Ok(bytes) => bytes,
        Err(e) => {
            let note = "paths are relative to the folder of `Cargo.toml`".to_owned();
            return fail(format!("weights file `{name}`: {}", reason(&e)), &[note], None);
        }
    };
    match parse(&name, &bytes) {
        Ok(arrays) => {
            let names = arrays.keys().cloned().collect();
            Some(Weights { file: Some(name), names, arrays, used: BTreeSet::new() })
        }
        Err(reason) => fail(format!("weights file `{name}`: {reason}"), &[], None),
    }
}

/// The error without the code of the operating system.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg_attr(not(any(feature = "npz", feature = "safetensors")), allow(unused_variables))]
fn parse(name: &str, bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, String> {
    match Path::new(name).extension().and_then(|e| e.to_str()) {
        #[cfg(feature = "npz")]
        Some("npz") => hls4rs_ir::weights::read_npz(bytes).map_err(|e| e.to_string()),
        #[cfg(feature = "safetensors")]
        Some("safetensors") => hls4rs_ir::weights::read_safetensors(bytes).map_err(|e| e.to_string()),
        #[cfg(not(feature = "npz"))]
        Some("npz") => Err("to read it, hls4rs needs its feature `npz`".to_owned()),
        #[cfg(not(feature = "safetensors"))]
        Some("safetensors") => Err("to read it, hls4rs needs its feature `safetensors`".to_owned()),
        _ => Err("expected a name that ends in `.npz` or `.safetensors`".to_owned()),
    }
}
