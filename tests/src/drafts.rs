//! Reads the model files of recorded cases: how many are understood, and why the others are not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs::frontends::{ImportError, keras};
use hls4rs_ir::draft::Draft;
use rayon::prelude::*;

use crate::golden::{self, case};
use crate::progress::Progress;
use crate::{Error, host};

/// The frontends whose files are read here.
const FRONTENDS: [&str; 5] = ["keras_v3", "keras_v2", "qkeras", "hgq", "hgq2"];

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    /// The folder of the cases; by default the collection beside the workspace, else the committed ones.
    pub dir: Option<PathBuf>,
    /// Only cases whose path contains this.
    pub filter: Option<String>,
    /// Whether every case is printed: the draft, or everything that is not understood.
    pub verbose: bool,
}

/// A case, and what its model file is read as.
type Read = (case::Case, Result<Draft, ImportError>);

/// The model file of a case, read.
///
/// # Errors
/// What is not understood.
pub fn read(folder: &Path) -> Result<Draft, ImportError> {
    let plain = ["model.keras", "model.h5"].map(|name| folder.join(name));
    match plain.iter().find(|path| path.is_file()) {
        Some(path) => keras::read(path),
        None => keras::read_with_weights(folder.join("model.json"), folder.join("model_weights.h5")),
    }
}

/// Reads the cases and prints a table by frontend and backend; whether every file was understood.
///
/// # Errors
/// If the cases cannot be found.
pub fn run(drafts: &Drafts) -> Result<bool, Error> {
    let root = drafts.dir.clone().unwrap_or_else(golden::usual_dir);
    let wanted = |folder: &PathBuf| {
        let name = folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned();
        drafts.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    };
    let folders: Vec<_> = case::folders(&root)?.into_iter().filter(wanted).collect();
    let progress = Progress::new("model files", folders.len());
    let read = |folder: &PathBuf| -> Result<Option<Read>, Error> {
        let case = case::Case::read(folder)?;
        progress.step();
        Ok(FRONTENDS.contains(&case.frontend.as_str()).then(|| (case, self::read(folder))))
    };
    let cases: Vec<_> = folders.par_iter().map(read).collect::<Result<_, _>>()?;
    let mut table: BTreeMap<(String, bool), (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (case, draft) in cases.into_iter().flatten() {
        let reference = matches!(case.backend.as_str(), "Vivado" | "Vitis");
        let (read, all) = table.entry((case.frontend.clone(), reference)).or_default();
        *all += 1;
        match draft {
            Ok(draft) => {
                *read += 1;
                if drafts.verbose {
                    println!("{}:\n{draft}", host::name(&case.folder));
                }
            }
            Err(error) => {
                if drafts.verbose {
                    println!("{}: {error}\n", host::name(&case.folder));
                }
                reasons.entry(reason(&error)).or_default().push(case.id);
            }
        }
    }
    println!("{:<10} {:<16} {:>6} {:>6}", "frontend", "backends", "read", "all");
    for ((frontend, reference), (read, all)) in &table {
        let backends = if *reference { "Vivado, Vitis" } else { "others" };
        println!("{frontend:<10} {backends:<16} {read:>6} {all:>6}");
    }
    for (reason, ids) in &reasons {
        println!("{:>6}  {reason} ({}, …)", ids.len(), ids[0]);
    }
    let (read, all) = table.values().fold((0, 0), |(a, b), (read, all)| (a + read, b + all));
    println!("drafts: {read}/{all} read");
    Ok(read == all)
}

/// The first thing that is not understood, without the names of this case.
pub(crate) fn reason(error: &ImportError) -> String {
    match error {
        ImportError::Model { problems, .. } => problems.first().map_or_else(String::new, |problem| {
            let attribute = problem.attribute.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
            format!("{}{attribute}: {}", problem.class, problem.reason)
        }),
        ImportError::File { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}
