//! Which stored values belong to which layer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use hls4rs_ir::Tensor;

use super::hdf5::Tree;

/// How a file arranges its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Layout {
    /// A group for each layer, by the layer's name; values have names too (Keras 2).
    #[default]
    ByName,
    /// `CLASS_N/vars/N`: layers by class and position, values by position (Keras 3).
    ByPosition,
}

/// All stored values of a model.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    tree: Tree,
    layout: Layout,
}

impl Weights {
    pub(super) fn new(tree: Tree, layout: Layout) -> Self {
        Self { tree, layout }
    }

    /// Where the layers of the outermost model are.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { weights: self, path: String::new(), outer: None }
    }
}

/// The values of the layers of one model, which may be part of another one.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    weights: &'a Weights,
    /// By position: the group of the model.
    path: String,
    /// By name: the outermost model within the file's model, whose group has the values of all layers in it.
    outer: Option<String>,
}

impl Scope<'_> {
    /// The values of the layers, for a list of their names and classes in the order of the model.
    ///
    /// The n-th layer of a class is found by position, and must then have the name that the file gives to it.
    pub(super) fn layers(&self, layers: &[(&str, &str)]) -> Vec<Stored> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut stored = Vec::with_capacity(layers.len());
        for (name, class) in layers {
            stored.push(match self.weights.layout {
                Layout::ByName => self.named(name),
                Layout::ByPosition => {
                    let class = snake_case(class);
                    let count = seen.entry(class.clone()).or_insert(0);
                    let group = if *count == 0 { class } else { format!("{class}_{count}") };
                    *count += 1;
                    self.positioned(&group, name)
                }
            });
        }
        stored
    }

    /// The values of the layers of a model that is the layer `name` here.
    pub(super) fn inner(&self, name: &str, stored: &Stored) -> Self {
        let outer = self.outer.clone().unwrap_or_else(|| name.to_owned());
        Self { weights: self.weights, path: stored.path.clone(), outer: Some(outer) }
    }

    fn named(&self, name: &str) -> Stored {
        let group = self.outer.as_deref().unwrap_or(name);
        let tree = self.weights.tree.below(group);
        let mut names = tree.texts("", "weight_names");
        if names.is_empty() {
            names = tree.arrays.keys().cloned().collect();
        }
        let mut arrays = Vec::new();
        for path in names {
            let Some(tensor) = tree.arrays.get(&path) else { continue };
            let plain = path.rsplit_once(':').map_or(path.as_str(), |(plain, _)| plain);
            // A model that is a layer keeps the values of all its layers in one group.
            let own = self.outer.is_none() || plain.split('/').any(|part| part == name);
            if own {
                arrays.push((plain.to_owned(), tensor.clone()));
            }
        }
        Stored { arrays, path: group.to_owned(), layout: Layout::ByName, ..Stored::default() }
    }

    fn positioned(&self, group: &str, name: &str) -> Stored {
        let path = match self.path.as_str() {
            "" => group.to_owned(),
            outer => format!("{outer}/layers/{group}"),
        };
        let tree = self.weights.tree.below(&path);
        let called = tree.texts("vars", "name").into_iter().next().filter(|called| called != name);
        let names = tree.texts.iter().filter_map(|(group, texts)| {
            let part = group.strip_suffix("/vars")?;
            Some((part.to_owned(), texts.get("name")?.first()?.clone()))
        });
        let names = names.collect();
        let arrays = tree.arrays.into_iter().collect();
        Stored { arrays, path, layout: Layout::ByPosition, called, names, ..Stored::default() }
    }
}

/// The stored values of one layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    /// By their path from the layer, in the order of the file.
    arrays: Vec<(String, Tensor)>,
    path: String,
    layout: Layout,
    /// The name that the file gives to a layer at this position, if it is another one.
    called: Option<String>,
    taken: RefCell<BTreeSet<usize>>,
    /// The names of the parts that the file names.
    names: BTreeMap<String, String>,
}

impl Stored {
    /// The values of the variables of a part of the layer, in the order in which Keras makes them.
    ///
    /// The part is that of Keras 3, such as `cell`, or empty; Keras 2 knows the variables by name alone.
    pub(super) fn variables<const N: usize>(&self, part: &str, names: [&str; N]) -> [Option<Tensor>; N] {
        let mut n = 0;
        names.map(|name| {
            n += 1;
            self.variable(part, n - 1, name)
        })
    }

    /// The values of the n-th variable of a part of the layer.
    pub(super) fn variable(&self, part: &str, n: usize, name: &str) -> Option<Tensor> {
        let position = if part.is_empty() { format!("vars/{n}") } else { format!("{part}/vars/{n}") };
        let found = self.arrays.iter().position(|(path, _)| match self.layout {
            Layout::ByPosition => *path == position,
            Layout::ByName => path.rsplit('/').next() == Some(name),
        })?;
        self.taken.borrow_mut().insert(found);
        Some(self.arrays[found].1.clone())
    }

    /// The values of a layer whose variables are these, in this order.
    pub(super) fn made(variables: Vec<Tensor>) -> Self {
        let arrays = variables.into_iter().enumerate().map(|(n, tensor)| (format!("vars/{n}"), tensor));
        Self { arrays: arrays.collect(), layout: Layout::ByPosition, ..Self::default() }
    }

    /// The name that the file gives to a part of the layer.
    pub(super) fn name_of(&self, part: &str) -> Option<&str> {
        self.names.get(part).map(String::as_str)
    }

    /// The values of the layer that this one wraps: in Keras 3 a part of its own, by name the same.
    pub(super) fn wrapped(&self) -> Self {
        match self.layout {
            Layout::ByName => self.clone(),
            Layout::ByPosition => {
                let path = format!("{}/layer", self.path);
                Self { path, called: None, ..self.part("layer") }
            }
        }
    }

    /// The values of a part that is a layer itself, under the part's paths; by position only.
    pub(super) fn below(&self, part: &str) -> Self {
        let inner = |path: &str| Some(path.strip_prefix(part)?.strip_prefix('/')?.to_owned());
        let mut below =
            Self { path: format!("{}/{part}", self.path), layout: self.layout, ..Self::default() };
        for (at, (path, tensor)) in self.arrays.iter().enumerate() {
            if let Some(path) = inner(path) {
                self.taken.borrow_mut().insert(at);
                below.arrays.push((path, tensor.clone()));
            }
        }
        below.names =
            self.names.iter().filter_map(|(path, name)| Some((inner(path)?, name.clone()))).collect();
        below
    }

    /// Gives a part that has no values those of a part of another layer, which shares it.
    pub(super) fn share(&mut self, part: &str, other: &Self) {
        let own = format!("{part}/");
        if self.arrays.iter().any(|(path, _)| path.starts_with(&own)) {
            return;
        }
        let shared = other.arrays.iter().filter(|(path, _)| path.starts_with(&own));
        self.arrays.extend(shared.cloned());
        let named = other.names.iter().filter(|(path, _)| *path == part || path.starts_with(&own));
        self.names.extend(named.map(|(path, name)| (path.clone(), name.clone())));
    }

    /// All values, by their path.
    pub(super) fn all(&self) -> Vec<(&str, &Tensor)> {
        self.taken.borrow_mut().extend(0..self.arrays.len());
        self.arrays.iter().map(|(path, tensor)| (path.as_str(), tensor)).collect()
    }

    /// Says that values of this name do not matter.
    pub(super) fn forget(&self, name: &str) {
        let named = |path: &str| path.rsplit('/').next() == Some(name);
        let found = self.arrays.iter().enumerate().filter(|(_, (path, _))| named(path));
        self.taken.borrow_mut().extend(found.map(|(at, _)| at));
    }

    /// The part of the values whose path begins with a word, such as `forward` for `forward_lstm/…`.
    pub(super) fn part(&self, word: &str) -> Self {
        let inside = |path: &String| path.split('/').any(|part| part.starts_with(word));
        let mut part = self.clone();
        part.taken = RefCell::default();
        part.arrays.retain(|(path, _)| inside(path));
        for (at, (path, _)) in self.arrays.iter().enumerate() {
            if inside(path) {
                self.taken.borrow_mut().insert(at);
            }
        }
        if self.layout == Layout::ByPosition {
            for (path, _) in &mut part.arrays {
                *path = path.split_once('/').map_or("", |(_, rest)| rest).to_owned();
            }
        }
        part
    }

    /// The name that the file gives to the layer at this position, if it is another one.
    pub(super) fn called(&self) -> Option<&str> {
        self.called.as_deref()
    }

    /// The values that nobody has asked for, but for the states of random generators.
    pub(super) fn left(&self) -> Vec<&str> {
        let taken = self.taken.borrow();
        let left = self.arrays.iter().enumerate().filter(|(at, _)| !taken.contains(at));
        left.map(|(_, (path, _))| path.as_str()).filter(|path| !path.contains("seed_generator")).collect()
    }
}

/// What Keras 3 makes of the name of a class: `LeakyReLU` is `leaky_re_lu`, `Conv2D` is `conv2d`.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let is = |at: usize, test: fn(&char) -> bool| letters.get(at).is_some_and(test);
    let mut words = String::new();
    for (at, letter) in letters.iter().enumerate() {
        // A capital begins a word if a small letter follows it or stands before it.
        let begins = letter.is_ascii_uppercase()
            && at > 0
            && (is(at + 1, char::is_ascii_lowercase) || is(at - 1, char::is_ascii_lowercase));
        if begins && !words.ends_with('_') {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn classes_become_groups_as_keras_names_them() {
        for (class, group) in [
            ("Dense", "dense"),
            ("Conv2D", "conv2d"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
            ("LeakyReLU", "leaky_re_lu"),
            ("PReLU", "p_re_lu"),
            ("ReLU", "re_lu"),
            ("LSTM", "lstm"),
            ("SimpleRNN", "simple_rnn"),
            ("QConv2D", "q_conv2d"),
            ("QEinsumDense", "q_einsum_dense"),
            ("QUnaryFunctionLUT", "q_unary_function_lut"),
        ] {
            assert_eq!(snake_case(class), group);
        }
    }
}
