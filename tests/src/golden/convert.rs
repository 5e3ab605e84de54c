//! Converts the model files of recorded cases with their configurations and compares types and outputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs::frontends::{Draft, Imported, config_from_value, import};
use hls4rs_ir::draft::{DraftNode, Setting, Type};
use hls4rs_ir::precision::variable;
use hls4rs_ir::{Io, Slot};

use super::build::Unbuilt;
use super::case::{Case, Layer};
use super::exceptions::Exceptions;
use super::replay::{Outcome, compare_outputs};
use crate::{Error, drafts, host};

/// Frontends whose files are read.
const FRONTENDS: [&str; 5] = ["keras_v3", "keras_v2", "qkeras", "hgq", "hgq2"];

/// Converts one case.
pub fn outcome(folder: &Path) -> Outcome {
    match Case::read(folder).map_err(Unbuilt::Broken).and_then(|case| compare(&case)) {
        Ok(outcome) => outcome,
        Err(Unbuilt::NotYet(what)) => Outcome::NotYet(what),
        Err(Unbuilt::Broken(error)) => Outcome::Broken(error.to_string()),
    }
}

/// Prints a table by frontend and every case that failed with its reason; whether none differs. What is not understood
/// yet is refused and counted, and is no difference.
pub(super) fn report(
    outcomes: &[(String, PathBuf, Outcome)],
    exceptions: &Exceptions,
    verbose: bool,
) -> bool {
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, folder, outcome) in outcomes {
        let counts = table.entry(frontend(folder)).or_default();
        match outcome {
            Outcome::Exact { .. } => counts.exact += 1,
            Outcome::Apart(what) => {
                counts.apart += 1;
                *others.entry(what).or_insert(0) += 1;
            }
            Outcome::NotYet(what) | Outcome::Broken(what) => {
                counts.refused += 1;
                reasons.entry(what).or_default().push(id);
            }
            Outcome::Differs(what) => match exceptions.reason(id) {
                // Types are never excused.
                Some(reason) if !what.starts_with("types") => {
                    counts.expected += 1;
                    println!("{id}: {what}\n  expected: {reason}");
                }
                _ => {
                    counts.differ += 1;
                    println!("{id}: {what}");
                }
            },
        }
    }
    for (what, ids) in &reasons {
        println!("{:>4}  {what}", ids.len());
        if verbose {
            ids.iter().for_each(|id| println!("        {id}"));
        }
    }
    println!("\napart:");
    for (what, n) in &others {
        println!("{n:>4}  {what}");
    }
    let mut all = Counts::default();
    println!(
        "\n{:<24}{:>7}{:>10}{:>8}{:>9}{:>7}",
        "frontend", "exact", "expected", "differ", "refused", "apart"
    );
    for (frontend, counts) in &table {
        let Counts { exact, expected, differ, refused, apart } = counts;
        println!("{frontend:<24}{exact:>7}{expected:>10}{differ:>8}{refused:>9}{apart:>7}");
        all.expected += expected;
        all.exact += exact;
        all.differ += differ;
        all.refused += refused;
    }
    let total = all.exact + all.expected + all.differ + all.refused;
    println!("\ngolden: {}/{total} bit-exact ({} expected to differ)", all.exact, all.expected);
    all.differ == 0
}

/// How many cases came out how.
#[derive(Default)]
struct Counts {
    exact: usize,
    expected: usize,
    differ: usize,
    refused: usize,
    apart: usize,
}

/// The folder of folders that a case is in.
fn frontend(folder: &Path) -> String {
    let above = folder.parent().map(host::name).unwrap_or_default();
    let outside = folder.components().any(|part| part.as_os_str() == "external");
    if outside { format!("external/{above}") } else { above }
}

fn compare(case: &Case) -> Result<Outcome, Unbuilt> {
    if !FRONTENDS.contains(&case.frontend.as_str()) {
        return Ok(Outcome::Apart(format!("frontend {}", case.frontend)));
    }
    let reference = is_reference(case);
    let outcome = converted(case);
    if reference {
        return outcome;
    }
    // The numerics of other backends are their own; what comes out is only told.
    let words = match outcome {
        Ok(Outcome::Exact { .. }) => "equal in types and outputs",
        Ok(Outcome::Apart(_)) => "equal in types, no recorded outputs",
        Ok(Outcome::Differs(what)) if what.starts_with("types") => "converted, with other types",
        Ok(_) => "equal in types, with other outputs",
        Err(_) => "refused",
    };
    Ok(Outcome::Apart(format!("backend {}: {words}", case.backend)))
}

/// Whether a case is one of the backends whose numerics are ours.
fn is_reference(case: &Case) -> bool {
    matches!(case.backend.as_str(), "Vivado" | "Vitis")
}

/// The network of a case, imported from its model file; `None` for a case of another frontend or backend.
pub(super) fn imported(case: &Case) -> Result<Option<Imported>, Unbuilt> {
    let readable = FRONTENDS.contains(&case.frontend.as_str()) && is_reference(case);
    readable.then(|| read(case)).transpose()
}

/// Imports a case as for Vitis.
fn read(case: &Case) -> Result<Imported, Unbuilt> {
    let draft = read_model(case)?;
    let read = config_from_value(&case.hls_config).map_err(|e| Error::malformed(&case.id, e))?;
    let mut config = read.config;
    if let Some(flag) = case.kwargs.get("bit_exact").and_then(serde_json::Value::as_bool) {
        config.model.settings.insert("bit_exact".to_owned(), Setting::Flag(flag));
    }
    let io = if case.io_type == "io_stream" { Io::Stream } else { Io::Parallel };
    import(draft, &config, io).map_err(|faults| Unbuilt::NotYet(faults.to_string()))
}

/// Compares types and outputs of a case.
fn converted(case: &Case) -> Result<Outcome, Unbuilt> {
    let imported = read(case)?;
    let wrong = types(case, &imported.draft);
    if !wrong.is_empty() {
        return Ok(Outcome::Differs(format!("types: {}", wrong.join("; "))));
    }
    if !case.simulated {
        return Ok(Outcome::Apart("no recorded outputs".to_owned()));
    }
    compare_outputs(case, &imported.network)
}

fn read_model(case: &Case) -> Result<Draft, Unbuilt> {
    drafts::read(&case.folder).map_err(|error| Unbuilt::NotYet(drafts::reason(&error)))
}

/// The types that differ from the recorded ones, in words.
fn types(case: &Case, draft: &Draft) -> Vec<String> {
    let recorded: BTreeMap<_, _> = case.layers.iter().map(|layer| (layer.name.as_str(), layer)).collect();
    let mut wrong = Vec::new();
    for node in &draft.nodes {
        let (name, prefix) = recorded_name(node);
        let Some(layer) = recorded.get(name) else { continue };
        for (slot, ty) in node.types.iter() {
            let own = matches!(slot, Slot::Weight | Slot::Bias | Slot::RecurrentWeight | Slot::RecurrentBias);
            let prefix = if own { prefix } else { "" };
            let variable = match slot {
                Slot::Upper => "threshold_hi",
                Slot::Lower => "threshold_lo",
                slot => variable(&node.op, slot),
            };
            let key = format!("{prefix}{variable}_t");
            if let Some(expected) = layer.types.get(&key)
                && !same(layer, &key, expected, *ty)
            {
                wrong.push(format!("`{name}` {key} {ty}, recorded {expected}"));
            }
        }
    }
    let made = |layer: &&Layer| {
        matches!(layer.class_name.as_str(), "Clone" | "Repack" | "Broadcast" | "Transpose" | "Reshape")
            || layer.name.starts_with("zp1d_")
            || layer.name.starts_with("zp2d_")
    };
    let here: Vec<_> = draft.nodes.iter().map(|node| recorded_name(node).0).collect();
    for layer in case.layers.iter().filter(|layer| !made(layer) && !here.contains(&layer.name.as_str())) {
        wrong.push(format!("`{}` ({}) is not here", layer.name, layer.class_name));
    }
    wrong
}

/// The name of the recorded layer and what the names of its weights begin with.
fn recorded_name(node: &DraftNode) -> (&str, &'static str) {
    use hls4rs_ir::draft::Role;
    match node.part.as_ref().map(|part| (part.layer.as_str(), part.role)) {
        Some((layer, Role::Forward)) => (layer, "forward_"),
        Some((layer, Role::Backward)) => (layer, "backward_"),
        Some((layer, Role::Joined | Role::Sublayer)) => (layer, ""),
        _ => (&node.name, ""),
    }
}

fn same(layer: &Layer, key: &str, expected: &str, ty: Type) -> bool {
    let kind = layer.types_cpp.get(key).and_then(|t| t.kind.as_deref()).unwrap_or_default();
    match ty {
        Type::Xnor => kind == "xnor",
        Type::Exponent(_) => kind == "exponent",
        Type::Fixed(format) => kind != "xnor" && expected.parse() == Ok(format),
    }
}
