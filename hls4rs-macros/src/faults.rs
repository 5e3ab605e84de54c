//! From the faults of a graph to errors at tokens, in the words of `network!`.

use std::collections::BTreeSet;

use hls4rs_fixed::{Format, Overflow};
use hls4rs_ir::attr::nearest;
use hls4rs_ir::{Fault, Faults, Place, Problem, Resolved, Slot};

use crate::ast::Spot;
use crate::format::MAX_WIDTH;
use crate::lower::{Defaults, NodeSite};
use crate::report::{Report, list, spell};
use crate::weights::Weights;

/// How many arrays of a file are listed.
const LISTED: usize = 12;

/// What is known of the source beside the graph.
pub(crate) struct Context<'a> {
    /// The name of the network.
    pub(crate) network: Spot,
    /// The nodes by their sites, from site 1.
    pub(crate) sites: &'a [NodeSite],
    /// Layers that are read somewhere, if only by a layer that is not in the graph.
    pub(crate) referenced: &'a BTreeSet<String>,
    pub(crate) has_inputs: bool,
    pub(crate) has_outputs: bool,
    pub(crate) weights: &'a Weights,
    pub(crate) defaults: &'a Defaults,
}

/// Adds the faults to the report.
pub(crate) fn report(faults: &Faults, cx: &Context<'_>, report: &mut Report) {
    for fault in faults.iter().filter(|fault| !cx.follows(&fault.problem)) {
        let site = cx.site(fault);
        report.add_noted(
            cx.spot(fault, site),
            &message(fault, site),
            &cx.notes(fault, site),
            cx.help(fault, site).as_deref(),
        );
    }
}

/// Checks that every format has a Rust type; nothing is said of layers that read from one without.
pub(crate) fn check_typed(resolved: &Resolved, cx: &Context<'_>, report: &mut Report) -> bool {
    let mut untyped = BTreeSet::new();
    for (id, node, facts) in resolved.iter() {
        let Some((slot, format)) = facts.formats.iter().find(|(_, format)| format.width > MAX_WIDTH) else {
            continue;
        };
        untyped.insert(id);
        if node.inputs.iter().any(|input| untyped.contains(input)) {
            continue;
        }
        let site = cx.sites.get(node.site.0.wrapping_sub(1) as usize);
        let spot =
            site.map_or(cx.network, |site| site.place(&Place::Precision(slot)).unwrap_or(site.keyword));
        let message = format!(
            "layer `{}`: `{slot}` has {} bits ({format}), more than the {MAX_WIDTH} that a number can have",
            node.name, format.width
        );
        report.add(spot, &message, Some("write narrower formats in this layer or in those above it"));
    }
    untyped.is_empty()
}

impl NodeSite {
    /// Where a part of the node was written.
    pub(crate) fn place(&self, place: &Place) -> Option<Spot> {
        self.places.iter().find(|(p, _)| p == place).map(|(_, spot)| *spot)
    }

    fn array(&self, slot: Slot) -> Option<&str> {
        self.arrays.iter().find(|(s, _)| *s == slot).map(|(_, array)| array.as_str())
    }
}

/// The message, where that of the graph does not say what the source shows.
fn message(fault: &Fault, site: Option<&NodeSite>) -> String {
    match &fault.problem {
        Problem::Attribute { layer, attr, expected, .. }
            if site.is_some_and(|site| site.place(&Place::Attr(attr)).is_none()) =>
        {
            format!("layer `{layer}`: attribute `{attr}` is missing: expected {expected}")
        }
        problem => problem.to_string(),
    }
}

/// How an attribute is written that is missing.
fn example(op: &str, attr: &str) -> Option<String> {
    let (what, call) = match (op, attr) {
        ("embedding", _) => ("length and number of vectors", "embedding(x, 16, 100)".to_owned()),
        ("garnet", _) => ("units and aggregators", "garnet(x, n, 8, 4)".to_owned()),
        (_, "units") => ("it", format!("{op}(x, 64)")),
        ("conv1d", "filters" | "kernel") => ("filters and kernel", "conv1d(x, 16, 3)".to_owned()),
        ("conv2d", "filters" | "kernel") => ("filters and kernel", "conv2d(x, 16, [3, 3])".to_owned()),
        ("depthwise_conv1d", "kernel") | ("max_pool1d" | "avg_pool1d", "pool") => {
            ("it", format!("{op}(x, 3)"))
        }
        ("depthwise_conv2d", "kernel") | ("max_pool2d" | "avg_pool2d", "pool") => {
            ("it", format!("{op}(x, [3, 3])"))
        }
        (_, "factor" | "n") => ("it", format!("{op}(x, 2)")),
        ("einsum", "equation") => ("it", "einsum(a, b, \"ij,jk->ik\")".to_owned()),
        ("einsum_dense", "equation" | "shape") => {
            ("equation and shape", "einsum_dense(x, \"nc,cd->nd\", [8, 16])".to_owned())
        }
        (_, "shape" | "size") => ("it", format!("{op}(x, [8, 16])")),
        ("cropping1d" | "zero_padding1d", _) => ("it", format!("{op}(x, [1, 1])")),
        ("cropping2d" | "zero_padding2d", _) => ("it", format!("{op}(x, [1, 1, 1, 1])")),
        _ => return None,
    };
    Some(format!("write {what} after the input: `{call}`"))
}

impl Context<'_> {
    fn site(&self, fault: &Fault) -> Option<&NodeSite> {
        self.sites.get(fault.site.0.checked_sub(1)? as usize)
    }

    /// Whether the fault is only there because a layer with a mistake is not in the graph.
    fn follows(&self, problem: &Problem) -> bool {
        match problem {
            Problem::Unused { layer } => self.referenced.contains(layer),
            Problem::NoInput { .. } => self.has_inputs,
            Problem::NoOutput { .. } => self.has_outputs,
            _ => false,
        }
    }

    fn spot(&self, fault: &Fault, site: Option<&NodeSite>) -> Spot {
        let Some(site) = site else { return self.network };
        match (&fault.problem, &fault.place) {
            (Problem::Unused { .. } | Problem::DuplicateName { .. } | Problem::BadName { .. }, _) => {
                site.name
            }
            // Values without a format of their own: the values are what does not fit.
            (_, Place::Precision(slot)) => {
                site.place(&fault.place).or_else(|| site.place(&Place::Values(*slot))).unwrap_or(site.keyword)
            }
            _ => site.place(&fault.place).unwrap_or(site.keyword),
        }
    }

    fn notes(&self, fault: &Fault, site: Option<&NodeSite>) -> Vec<String> {
        let mut notes = fault.problem.notes();
        let Some(site) = site else { return notes };
        let unwritten = site.place(&fault.place).is_none();
        match &fault.place {
            Place::Values(slot) | Place::Precision(slot) => {
                if let (Some(array), Some(file)) = (site.array(*slot), &self.weights.file) {
                    notes.push(format!("`{slot}` is the array `{array}` of `{file}`"));
                }
                if let (Some(format), Place::Precision(_), true) = (
                    self.defaults.precision.and_then(|p| p.format()),
                    &fault.place,
                    site.defaulted.contains(slot),
                ) {
                    notes.push(format!("`{}` is the default of the network", spell(format)));
                }
            }
            Place::ReuseFactor if unwritten => {
                if let Some(factor) = self.defaults.reuse_factor {
                    notes.push(format!("the reuse factor of the network is {factor}"));
                }
            }
            _ => {}
        }
        if let (Problem::MissingValues { .. }, Some(file)) = (&fault.problem, &self.weights.file) {
            let names = &self.weights.names;
            let more = names.len().saturating_sub(LISTED);
            let shown = list(&names[..names.len() - more]);
            notes.push(match (names.len(), more) {
                (0, _) => format!("there are no arrays in `{file}`"),
                (_, 0) => format!("arrays of `{file}`: {shown}"),
                _ => format!("arrays of `{file}`: {shown} and {more} more"),
            });
        }
        notes
    }

    fn help(&self, fault: &Fault, site: Option<&NodeSite>) -> Option<String> {
        let saturating = |format: &Format| spell(format.with_overflow(Overflow::Sat));
        match &fault.problem {
            Problem::MissingValues { layer, slot, .. } => {
                let array = format!("{layer}.{slot}");
                let near = nearest(&array, self.weights.names.iter().map(String::as_str));
                Some(match (&self.weights.file, near) {
                    (None, _) => format!(
                        "name a file that has them, `weights: \"file.npz\"`, or write them: `{{ {slot}: [ … ] }}`"
                    ),
                    (Some(_), Some(near)) => {
                        format!("is `{near}` meant? the array of this layer is `{array}`")
                    }
                    (Some(file), None) => {
                        format!("add an array `{array}` to `{file}`, or write the values inline")
                    }
                })
            }
            Problem::ResultOverflow { slot: Slot::Result, needed, found, .. } => {
                Some(format!("write `as {}`, or saturate: `as {}`", spell(*needed), saturating(found)))
            }
            Problem::ValuesDoNotFit { slot, needed, found, .. }
                if site.is_some_and(|site| site.place(&Place::Precision(*slot)).is_none()) =>
            {
                Some(format!(
                    "write `{slot}: {}`, or saturate: `{slot}: {}`",
                    spell(*needed),
                    saturating(found)
                ))
            }
            // Formats with no Rust type are of no use.
            Problem::ResultOverflow { slot, needed, found, .. } if needed.width > MAX_WIDTH => {
                Some(format!("saturate: `{slot}: {}`", saturating(found)))
            }
            Problem::AccumOverflow { needed, .. } if needed.width > MAX_WIDTH => {
                Some("write narrower formats for the inputs and the weights".to_owned())
            }
            Problem::Attribute { attr, .. }
                if site.is_some_and(|site| site.place(&Place::Attr(attr)).is_none()) =>
            {
                site.and_then(|site| example(site.op, attr))
            }
            problem => problem.help(&spell),
        }
    }
}
