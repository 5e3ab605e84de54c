//! Identifiers of the emitted C++: unique, and none that the language or a header has taken.

use std::collections::BTreeSet;

/// Identifiers that headers of the vendors and of the language define beside the keywords.
const TAKEN: &[&str] = &[
    "abs",
    "ac_fixed",
    "ac_int",
    "ap_fixed",
    "ap_int",
    "ap_ufixed",
    "ap_uint",
    "assert",
    "ceil",
    "component",
    "cos",
    "div",
    "errno",
    "exit",
    "exp",
    "floor",
    "fmod",
    "free",
    "half",
    "hls",
    "ihc",
    "index",
    "linux",
    "log",
    "main",
    "malloc",
    "max",
    "min",
    "pow",
    "printf",
    "rand",
    "round",
    "signal",
    "sin",
    "sqrt",
    "stderr",
    "stdin",
    "stdout",
    "tan",
    "tanh",
    "time",
    "unix",
    "y0",
    "y1",
    "yn",
    "j0",
    "j1",
    "jn",
    "gamma",
    "remainder",
    "read",
    "write",
    "pipe",
    "select",
    "link",
    "step",
];

/// Hands out identifiers.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// `wanted` where nobody has it, else the same with a suffix.
    pub(crate) fn unique(&mut self, wanted: &str) -> String {
        let base = readable(wanted);
        let mut name = base.clone();
        let mut n = 2;
        while TAKEN.contains(&name.as_str()) || self.0.contains(&name) {
            name = if TAKEN.contains(&base.as_str()) && n == 2 {
                format!("{base}_layer")
            } else {
                format!("{base}_{n}")
            };
            n += 1;
        }
        self.0.insert(name.clone());
        name
    }
}

/// No leading underscore, which belongs to the implementation, and not only capitals, as macros are written.
fn readable(name: &str) -> String {
    let name = name.trim_start_matches('_');
    let shouts = name.len() > 1 && !name.chars().any(|c| c.is_ascii_lowercase());
    if name.is_empty() || shouts || name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("layer_{name}");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_unique_and_free() {
        let mut names = Names::default();
        let given = ["fc1", "fc1", "tanh", "tanh", "_x", "EOF", "x"].map(|name| names.unique(name));
        assert_eq!(given, ["fc1", "fc1_2", "tanh_layer", "tanh_3", "x", "layer_EOF", "x_2"]);
    }
}
