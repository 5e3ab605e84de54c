//! The configuration of a layer, every key of which has to be understood.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::frontends::Problem;

/// Keys that say nothing of what a trained layer computes.
const WITHOUT_EFFECT: &[&str] = &[
    "name",
    "trainable",
    "dtype",
    "seed",
    "noise_shape",
    "stateful",
    "unroll",
    "implementation",
    "dropout",
    "recurrent_dropout",
    "zero_output_for_mask",
    "unit_forget_bias",
    "momentum",
    "synchronized",
    "renorm_clipping",
    "renorm_momentum",
    "optional",
    "sparse",
    "ragged",
    "batch_input_shape",
    "batch_shape",
    "input_length",
    "build_input_shape",
    "kernel_range",
    "bias_range",
    "beta_range",
    "gamma_range",
    "input_dtype",
    "autocast",
    "quantization_config",
];

/// Ends of keys that say nothing of what a trained layer computes.
const ENDS_WITHOUT_EFFECT: &[&str] = &["_initializer", "_regularizer", "_constraint"];

/// An object of Keras: a class with its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'a> {
    /// The class, without the package it is registered in.
    pub(super) class: &'a str,
    /// Everything that the file says of the object.
    pub(super) raw: &'a Map<String, Value>,
    /// Its configuration.
    pub(super) config: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// Reads `{"class_name": …, "config": {…}}`; `None` if it is something else.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        let raw = value.as_object()?;
        let class = raw.get("class_name")?.as_str()?;
        let class = class.rsplit_once('>').map_or(class, |(_, class)| class);
        Some(Self { class, raw, config: raw.get("config")?.as_object()? })
    }

    /// The name in its configuration.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.config.get("name").and_then(Value::as_str)
    }
}

/// Reads the configuration of a layer key by key and keeps what is wrong.
///
/// A key that is missing or wrong has been reported when the method returns, and what it returns then only lets the
/// reading go on.
pub(super) struct Attributes<'a> {
    layer: &'a str,
    object: Object<'a>,
    taken: RefCell<BTreeSet<&'a str>>,
    problems: RefCell<Vec<Problem>>,
    silent: Cell<bool>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(layer: &'a str, object: Object<'a>) -> Self {
        let (taken, problems) = (RefCell::default(), RefCell::default());
        Self { layer, object, taken, problems, silent: Cell::new(false) }
    }

    /// The class of the layer.
    pub(super) fn class(&self) -> &'a str {
        self.object.class
    }

    /// Whether the class is one of HGQ2.
    pub(super) fn is_of_hgq2(&self) -> bool {
        let module = self.object.raw.get("module").and_then(Value::as_str).unwrap_or_default();
        module == "hgq" || module.starts_with("hgq.")
    }

    /// The configuration as it stands.
    pub(super) fn config(&self) -> &'a Map<String, Value> {
        self.object.config
    }

    /// The name of the layer.
    pub(super) fn layer(&self) -> &'a str {
        self.layer
    }

    /// Reports something about the layer as a whole.
    pub(super) fn fault(&self, reason: impl Into<String>) {
        self.report(None, reason.into());
    }

    /// Reports something about one attribute.
    pub(super) fn wrong(&self, key: &str, reason: impl Into<String>) {
        self.report(Some(key.to_owned()), reason.into());
    }

    fn report(&self, attribute: Option<String>, reason: String) {
        let (layer, class) = (self.layer.to_owned(), self.object.class.to_owned());
        self.problems.borrow_mut().push(Problem { layer, class, attribute, reason });
    }

    /// Takes over what is wrong with an object within this one.
    pub(super) fn include(&self, problems: Vec<Problem>) {
        self.problems.borrow_mut().extend(problems);
    }

    /// Whether anything is wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// Says that no key of the layer matters.
    pub(super) fn all_understood(&self) {
        self.silent.set(true);
    }

    /// Says that the class itself is not understood, so that its keys need not be.
    pub(super) fn unknown_class(&self, reason: impl Into<String>) {
        self.fault(reason);
        self.silent.set(true);
    }

    /// A key as it stands; `null` counts as missing.
    pub(super) fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.taken.borrow_mut().insert(key);
        self.object.config.get(key).filter(|value| !value.is_null())
    }

    fn read<T>(&self, key: &'static str, expected: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let Some(value) = self.value(key) else {
            self.wrong(key, format!("missing; expected {expected}"));
            return None;
        };
        let found = read(value);
        if found.is_none() {
            self.wrong(key, format!("expected {expected}, found {}", brief(value)));
        }
        found
    }

    /// Whether the configuration has a key, with a value other than `null`.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.object.config.get(key).is_some_and(|value| !value.is_null())
    }

    /// A number of things, at least 1.
    pub(super) fn size(&self, key: &'static str) -> usize {
        self.read(key, "a number of at least 1", size).unwrap_or(1)
    }

    /// A real number.
    pub(super) fn real(&self, key: &'static str) -> f64 {
        self.read(key, "a number", real).unwrap_or(0.0)
    }

    /// A real number that may be missing.
    pub(super) fn optional_real(&self, key: &'static str) -> Option<f64> {
        self.value(key).and_then(|_| self.read(key, "a number", real))
    }

    /// An integer.
    pub(super) fn integer(&self, key: &'static str) -> i64 {
        self.read(key, "an integer", |v| v.as_i64().or_else(|| only(v)?.as_i64())).unwrap_or(0)
    }

    /// A truth value; missing is `usual`.
    pub(super) fn flag(&self, key: &'static str, usual: bool) -> bool {
        match self.value(key) {
            None => usual,
            // As Python takes them: a number other than 0 and a text that is not empty are true.
            Some(_) => self.read(key, "true or false", truth).unwrap_or(usual),
        }
    }

    /// A word.
    pub(super) fn word(&self, key: &'static str) -> &'a str {
        self.read(key, "a word", Value::as_str).unwrap_or("")
    }

    /// A number for each of `n` axes; one number stands for all of them.
    pub(super) fn sizes(&self, key: &'static str, n: usize) -> Vec<usize> {
        let read = |value: &Value| per_axis(value, n, size);
        self.read(key, &format!("{n} numbers of at least 1"), read).unwrap_or_else(|| vec![1; n])
    }

    /// Two numbers for each of `n` axes, before and behind; one stands for both, or for all axes.
    pub(super) fn margins(&self, key: &'static str, n: usize) -> Vec<usize> {
        let count = |value: &Value| value.as_u64().and_then(|v| usize::try_from(v).ok());
        let pair = |value: &Value| per_axis(value, 2, count);
        let read = |value: &Value| match (n, value.as_array()) {
            (1, _) | (_, None) => pair(value).map(|both| both.repeat(n)),
            (_, Some(axes)) if axes.len() == n => {
                axes.iter().map(pair).collect::<Option<Vec<_>>>().map(|axes| axes.concat())
            }
            _ => None,
        };
        self.read(key, "how much on each side of each axis", read).unwrap_or_else(|| vec![0; 2 * n])
    }

    /// A list of integers.
    pub(super) fn integers(&self, key: &'static str) -> Vec<i64> {
        let read = |value: &Value| value.as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<_>>>();
        self.read(key, "a list of integers", read).unwrap_or_default()
    }

    /// Reports an attribute that has another value than the only one that is understood.
    pub(super) fn only(&self, key: &'static str, usual: &Value) {
        if let Some(value) = self.value(key)
            && value != usual
        {
            self.wrong(key, format!("only {usual} is supported, found {}", brief(value)));
        }
    }

    /// Says that keys are understood and do not matter.
    pub(super) fn ignore(&self, keys: &[&'static str]) {
        self.taken.borrow_mut().extend(keys);
    }

    /// Everything that was wrong, and every key that nobody has asked for.
    pub(super) fn finish(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        if self.silent.get() {
            return problems;
        }
        let taken = self.taken.into_inner();
        for (key, value) in self.object.config {
            let known = taken.contains(key.as_str())
                || WITHOUT_EFFECT.contains(&key.as_str())
                || ENDS_WITHOUT_EFFECT.iter().any(|end| key.ends_with(end));
            if !known && !value.is_null() {
                problems.push(Problem {
                    layer: self.layer.to_owned(),
                    class: self.object.class.to_owned(),
                    attribute: Some(key.clone()),
                    reason: format!("not an attribute that is known here (it is {})", brief(value)),
                });
            }
        }
        problems
    }
}

/// The only element of a list.
fn only(value: &Value) -> Option<&Value> {
    match value.as_array()?.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_f64()? != 0.0),
        Value::String(text) => Some(!text.is_empty()),
        _ => None,
    }
}

fn size(value: &Value) -> Option<usize> {
    value
        .as_u64()
        .and_then(|v| usize::try_from(v).ok())
        .filter(|v| (1..=hls4rs_ir::shape::MAX_ELEMENTS).contains(v))
}

/// A number; Keras 3 writes those that were arrays as objects with a `value`.
fn real(value: &Value) -> Option<f64> {
    let inner = || Object::of(value)?.config.get("value")?.as_f64();
    value.as_f64().or_else(inner).filter(|v| v.is_finite())
}

fn per_axis<T: Clone>(value: &Value, n: usize, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match value.as_array() {
        None => read(value).map(|v| vec![v; n]),
        Some(list) if list.len() == n => list.iter().map(read).collect(),
        Some(_) => None,
    }
}

/// A value in few characters.
pub(super) fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
