//! What rustdoc says of a network.

use hls4rs_fixed::to_f64;
use hls4rs_ir::{Facts, Node, Resolved, Slot};
use syn::LitStr;

use crate::report::{list, spell};

/// The table of layers below the user's own words.
pub(super) fn network(
    resolved: &Resolved,
    weights: Option<&LitStr>,
    unused_arrays: &[String],
) -> Vec<String> {
    let mut lines = vec![
        " # Layers".to_owned(),
        String::new(),
        " | name | layer | shape | result | accum | range |".to_owned(),
        " |---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(resolved.iter().map(|(_, node, facts)| row(node, facts)));
    if let Some(weights) = weights {
        lines.extend([String::new(), format!(" Weights: `{}`.", weights.value())]);
        if !unused_arrays.is_empty() {
            lines.push(format!(" No layer reads its arrays {}.", list(unused_arrays)));
        }
    }
    lines
}

fn row(node: &Node, facts: &Facts) -> String {
    let hull = facts.range.hull();
    let end = |raw| to_f64(raw, facts.range.frac_bits);
    let accum =
        facts.formats.get(Slot::Accum).map_or(String::new(), |format| format!("`{}`", spell(*format)));
    format!(
        " | `{}` | {} | {} | `{}` | {accum} | {} to {} |",
        node.name,
        node.op.words(),
        escaped(&node.shape.to_string()),
        spell(facts.result()),
        end(hull.lo),
        end(hull.hi),
    )
}

/// A shape is no link.
fn escaped(shape: &str) -> String {
    shape.replace('[', "\\[").replace(']', "\\]")
}

/// What `predict` takes and gives.
pub(super) fn predict(resolved: &Resolved) -> Vec<String> {
    let mut lines = vec![
        " One inference, with exactly the firmware's bits; arrays are row major.".to_owned(),
        String::new(),
    ];
    lines.extend(ports(resolved));
    lines
}

/// One line for each input and output.
pub(super) fn ports(resolved: &Resolved) -> Vec<String> {
    let graph = resolved.graph();
    let line = |node: &Node, facts: &Facts, what: &str| {
        let (shape, format) = (escaped(&node.shape.to_string()), spell(facts.result()));
        format!(" - {what} `{}`: {shape} as `{format}`", node.name)
    };
    let inputs = graph.inputs().map(|(id, node)| line(node, resolved.facts(id), "input"));
    let outputs = graph.outputs().iter().map(|&id| line(graph.node(id), resolved.facts(id), "output"));
    inputs.chain(outputs).collect()
}
