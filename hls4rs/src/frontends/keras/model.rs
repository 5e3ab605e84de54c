//! From the tree of objects that is a model to nodes in topological order.

use std::collections::{BTreeMap, BTreeSet};

use hls4rs_ir::Shape;
use hls4rs_ir::draft::Draft;
use serde_json::{Map, Value as Json};

use super::attributes::{Attributes, Object};
use super::call::{Call, Names, Value};
use super::weights::{Scope, Stored};
use super::{Importers, layers};
use crate::frontends::Problem;

mod inbound;

use inbound::{Port, inbound, port};

/// Models within models.
const MAX_DEPTH: usize = 16;
/// Uses of layers; models within models can multiply them.
const MAX_CALLS: usize = 1 << 14;

/// What a model is read into.
pub(super) struct Reader<'a> {
    /// What is there so far.
    pub(super) draft: Draft,
    /// Everything that is not understood.
    pub(super) problems: Vec<Problem>,
    keras3: bool,
    file: &'a str,
    importers: &'a Importers,
    names: Names,
    calls: usize,
    /// Whether what is read is applied to every step of a sequence.
    every_step: bool,
}

/// One use of a layer.
struct Use<'a> {
    layer: usize,
    /// What it reads; `None` if that is not understood.
    inputs: Option<Vec<Port<'a>>>,
    output: (&'a str, u64),
}

/// The result of a layer's use; `None` if it is not understood.
type Results = Vec<Option<Value>>;

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, keras3: bool, importers: &'a Importers) -> Self {
        let (draft, names) = (Draft::default(), Names::new(keras3));
        Self { draft, problems: Vec::new(), keras3, file, importers, names, calls: 0, every_step: false }
    }

    /// Reads the outermost model.
    pub(super) fn read(&mut self, config: &Json, scope: &Scope<'_>) {
        let Some(model) = Object::of(config) else {
            self.fault("", "", "expected an object with `class_name` and `config`");
            return;
        };
        self.draft.name = model.name().unwrap_or("model").to_owned();
        for result in self.model(model, scope, None, 0) {
            self.draft.outputs.extend(result.map(|value| value.node));
        }
        self.leave_out_moves();
    }

    /// Leaves out what brings channels to the front for layers that all want them where they were.
    fn leave_out_moves(&mut self) {
        for at in (0..self.draft.nodes.len()).rev() {
            let name = &self.draft.nodes[at].name;
            if self.names.is_moved(name) && !self.draft.is_output(name) && self.draft.readers(name).is_empty()
            {
                self.draft.nodes.remove(at);
            }
        }
    }

    /// Reads a model, which within another one has its inputs from there.
    fn model(
        &mut self,
        model: Object<'_>,
        scope: &Scope<'_>,
        inputs: Option<Results>,
        depth: usize,
    ) -> Results {
        if depth > MAX_DEPTH {
            self.fault(model.name().unwrap_or(""), model.class, "too many models within each other");
            return Vec::new();
        }
        if !self.count(model.name().unwrap_or(""), model) {
            return Vec::new();
        }
        match model.class {
            "Sequential" => self.sequential(model, scope, inputs, depth),
            "Functional" | "Model" => self.functional(model, scope, inputs, depth),
            class => {
                let reason =
                    "expected a Sequential or Functional model; models with code of their own cannot be read";
                self.fault(model.name().unwrap_or(""), class, reason);
                Vec::new()
            }
        }
    }

    fn sequential(
        &mut self,
        model: Object<'_>,
        scope: &Scope<'_>,
        inputs: Option<Results>,
        depth: usize,
    ) -> Results {
        let layers = self.layers(model);
        let stored = scope.layers(&names_and_classes(&layers));
        let nested = inputs.is_some();
        let mut current = inputs.unwrap_or_default();
        if !nested && layers.first().is_some_and(|layer| layer.class != "InputLayer") {
            current = vec![self.implied_input(model, &layers)];
        }
        for (layer, stored) in layers.iter().zip(&stored) {
            if layer.class == "InputLayer" && nested {
                continue;
            }
            current = self.apply(*layer, stored, scope, current, depth);
        }
        current
    }

    /// The input of a model that does not say it, but which shape it has: Keras before 2.4, or built later.
    fn implied_input(&mut self, model: Object<'_>, layers: &[Object<'_>]) -> Option<Value> {
        let first = layers.first()?;
        let shape = first.config.get("batch_input_shape").or_else(|| first.config.get("batch_shape"));
        let shape = shape.or_else(|| model.config.get("build_input_shape"));
        let name = if self.keras3 { "input_layer" } else { "input1" };
        let mut config = Map::new();
        config.insert("batch_shape".to_owned(), shape.cloned().unwrap_or(Json::Null));
        let object = Object { class: "InputLayer", raw: &config, config: &config };
        let stored = Stored::default();
        self.layer(name, object, &stored, Vec::new())
    }

    fn functional(
        &mut self,
        model: Object<'_>,
        scope: &Scope<'_>,
        inputs: Option<Results>,
        depth: usize,
    ) -> Results {
        let layers = self.layers(model);
        let stored = scope.layers(&names_and_classes(&layers));
        let mut values: BTreeMap<(&str, u64), Results> = BTreeMap::new();
        let mut pending = Vec::new();
        for (at, layer) in layers.iter().enumerate() {
            pending.extend(self.uses(at, *layer));
        }
        let names = self.ports(model, "input_layers");
        // The inputs come first, in the order in which the model takes them.
        let position = |call: &Use<'_>| names.iter().position(|(layer, ..)| *layer == call.output.0);
        pending.sort_by_key(|call| position(call).unwrap_or(names.len()));
        if let Some(inputs) = inputs {
            if names.len() != inputs.len() {
                let name = model.name().unwrap_or("");
                self.fault(
                    name,
                    model.class,
                    &format!("has {} inputs, but gets {}", names.len(), inputs.len()),
                );
            }
            pending.retain(|call| !names.iter().any(|(layer, ..)| *layer == call.output.0));
            values.extend(
                names.into_iter().zip(inputs).map(|((layer, call, _), value)| ((layer, call), vec![value])),
            );
        }
        let outputs = self.ports(model, "output_layers");
        count_from_references(&mut pending, &outputs, &layers);
        let known = values.keys().copied().collect();
        let order = match order(&pending, known) {
            Ok(order) => order,
            Err(left) => {
                for at in left {
                    let Use { layer, output, .. } = &pending[at];
                    let reason = "reads what no layer makes, or its own result";
                    self.fault(output.0, layers[*layer].class, reason);
                }
                return Vec::new();
            }
        };
        for at in order {
            let Use { layer, inputs, output } = &pending[at];
            let inputs = match inputs {
                Some(inputs) => inputs.iter().map(|port| self.result(&values, &layers, port)).collect(),
                None => vec![None],
            };
            let results = self.apply(layers[*layer], &stored[*layer], scope, inputs, depth);
            values.insert(*output, results);
        }
        let mut results = Vec::new();
        for port in outputs {
            match values.contains_key(&(port.0, port.1)) {
                true => results.push(self.result(&values, &layers, &port)),
                false => {
                    self.fault(port.0, model.class, "is an output of the model, but not one of its layers")
                }
            }
        }
        results
    }

    /// One result of what is there.
    fn result(
        &mut self,
        values: &BTreeMap<(&str, u64), Results>,
        layers: &[Object<'_>],
        port: &Port<'_>,
    ) -> Option<Value> {
        let &(name, call, nth) = port;
        let made = values.get(&(name, call))?;
        let found = usize::try_from(nth).ok().and_then(|nth| made.get(nth));
        // Of a model that is not understood there may be no results, which has been told.
        if found.is_none() && !made.is_empty() {
            let class =
                layers.iter().find(|layer| layer.name() == Some(name)).map_or("", |layer| layer.class);
            let results =
                if made.len() == 1 { "1 result".to_owned() } else { format!("{} results", made.len()) };
            self.fault(name, class, &format!("has {results}, and none with the number {nth}"));
        }
        found.cloned().flatten()
    }

    /// One use of a layer, which may be a model.
    fn apply(
        &mut self,
        object: Object<'_>,
        stored: &Stored,
        scope: &Scope<'_>,
        inputs: Results,
        depth: usize,
    ) -> Results {
        let name = object.name().unwrap_or("");
        if is_model(object.class) {
            return self.model(object, &scope.inner(name, stored), Some(inputs), depth + 1);
        }
        if object.class == "TimeDistributed" && !self.every_step {
            return vec![self.time_distributed(object, stored, scope, inputs, depth)];
        }
        vec![self.layer(name, object, stored, inputs)]
    }

    /// A layer or a model at every step of the first axis, between nodes that do nothing, as in hls4ml.
    fn time_distributed(
        &mut self,
        object: Object<'_>,
        stored: &Stored,
        scope: &Scope<'_>,
        inputs: Results,
        depth: usize,
    ) -> Option<Value> {
        let name = object.name().unwrap_or("");
        let inner = object.config.get("layer").and_then(Object::of);
        let Some(inner) = inner.filter(|inner| inner.name().is_some()) else {
            self.fault(name, object.class, "has no `layer`");
            return None;
        };
        let steps: BTreeSet<_> = inputs.iter().flatten().map(|x| x.shape[0]).collect();
        if steps.len() > 1 {
            self.fault(name, object.class, "reads tensors with different numbers of steps");
        }
        let none = Stored::default();
        let starts = inputs.into_iter().enumerate().map(|(n, x)| {
            let known = x.is_some();
            let name = if n == 0 { name.to_owned() } else { format!("{name}_{n}") };
            let start = self.layer(&name, object, &none, vec![x]);
            let first = start.and_then(|start| {
                let shape = Shape::new(&start.shape[1..]);
                shape.map(|shape| Value { shape, ..start }).ok()
            });
            if first.is_none() && known {
                self.fault(&name, object.class, "expected a sequence of at least two axes");
            }
            first
        });
        let starts = starts.collect();
        let part = stored.wrapped();
        self.every_step = true;
        let results = match is_model(inner.class) {
            true => self.model(inner, &scope.inner(name, &part), Some(starts), depth + 1),
            false => vec![self.layer(inner.name().unwrap_or(name), inner, &part, starts)],
        };
        self.every_step = false;
        if results.len() > 1 {
            self.fault(name, object.class, "has several results at every step, which Keras does not know");
        }
        let last = results.into_iter().next().flatten()?;
        let extents = [&[*steps.first()?], &last.shape[..]].concat();
        let last = Value { shape: Shape::new(&extents).ok()?, ..last };
        self.layer(&format!("{name}_end"), object, &none, vec![Some(last)])
    }

    /// Counts one use of a layer or of a model; whether there may be one more.
    fn count(&mut self, name: &str, object: Object<'_>) -> bool {
        self.calls += 1;
        if self.calls == MAX_CALLS + 1 {
            self.fault(name, object.class, &format!("the model has more than {MAX_CALLS} layers"));
        }
        self.calls <= MAX_CALLS
    }

    fn layer(&mut self, name: &str, object: Object<'_>, stored: &Stored, inputs: Results) -> Option<Value> {
        if !self.count(name, object) {
            return None;
        }
        if let Some(called) = stored.called() {
            self.fault(name, object.class, &format!("the file has the values of `{called}` in its place"));
        }
        let attributes = Attributes::new(name, object);
        let mut call = Call::new(attributes, stored, self.keras3, inputs, &mut self.names);
        if self.every_step {
            call.at_every_step();
        }
        let result = match object.class {
            class if self.importers.contains_key(class) => call.custom(&self.importers[class]),
            "TimeDistributed" if !self.every_step => layers::step(&mut call),
            "InputLayer" => layers::input(&mut call),
            _ => layers::layer(&mut call),
        };
        let (mut nodes, problems) = call.finish();
        let sound = problems.is_empty();
        for problem in problems {
            // A layer that is used several times has the same problems each time.
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
        for node in &mut nodes {
            node.place = format!("layer `{name}` of {}", self.file);
        }
        self.draft.nodes.append(&mut nodes);
        result.filter(|_| sound)
    }

    /// The layers of a model.
    fn layers<'m>(&mut self, model: Object<'m>) -> Vec<Object<'m>> {
        // Before Keras 2.2 a sequential model was a plain list.
        let list = model.config.get("layers").and_then(Json::as_array);
        let Some(list) = list else {
            self.fault(model.name().unwrap_or(""), model.class, "has no `layers`");
            return Vec::new();
        };
        let mut layers = Vec::new();
        for (at, value) in list.iter().enumerate() {
            match Object::of(value).filter(|object| object.name().is_some()) {
                Some(object) => layers.push(object),
                None => {
                    let reason =
                        format!("layer {at} is not an object with `class_name`, `config` and a name");
                    self.fault(model.name().unwrap_or(""), model.class, &reason);
                }
            }
        }
        layers
    }

    /// The uses of a layer.
    fn uses<'m>(&mut self, at: usize, layer: Object<'m>) -> Vec<Use<'m>> {
        let name = layer.name().unwrap_or("");
        let nodes = layer.raw.get("inbound_nodes").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        if nodes.is_empty() {
            return vec![Use { layer: at, inputs: Some(Vec::new()), output: (name, 0) }];
        }
        let mut uses = Vec::new();
        for (nth, node) in nodes.iter().enumerate() {
            match inbound(layer.class, node) {
                Ok(inputs) => uses.push(Use { layer: at, inputs: Some(inputs), output: (name, nth as u64) }),
                Err(reason) => {
                    self.fault(name, layer.class, &reason);
                    uses.push(Use { layer: at, inputs: None, output: (name, nth as u64) });
                }
            }
        }
        uses
    }

    /// `input_layers` or `output_layers` of a model: one tensor, or a list of them.
    fn ports<'m>(&mut self, model: Object<'m>, key: &str) -> Vec<Port<'m>> {
        let value = model.config.get(key);
        let found = value.and_then(|value| match port(value) {
            Some(port) => Some(vec![port]),
            None => value.as_array()?.iter().map(port).collect(),
        });
        found.unwrap_or_else(|| {
            let name = model.name().unwrap_or("");
            self.fault(name, model.class, &format!("`{key}` is not a list of tensors"));
            Vec::new()
        })
    }

    fn fault(&mut self, layer: &str, class: &str, reason: &str) {
        let (layer, class) = (layer.to_owned(), class.to_owned());
        self.problems.push(Problem { layer, class, attribute: None, reason: reason.to_owned() });
    }
}

/// The uses in the order of the file, but every one after what it reads, which is the order of hls4ml; or those that
/// read what is not there.
fn order<'m>(uses: &[Use<'m>], mut known: BTreeSet<(&'m str, u64)>) -> Result<Vec<usize>, Vec<usize>> {
    let mut waiting: BTreeMap<(&str, u64), Vec<usize>> = BTreeMap::new();
    let mut missing = vec![0; uses.len()];
    for (at, call) in uses.iter().enumerate() {
        let read: BTreeSet<_> = call.inputs.iter().flatten().map(|port| (port.0, port.1)).collect();
        for tensor in read.into_iter().filter(|tensor| !known.contains(tensor)) {
            waiting.entry(tensor).or_default().push(at);
            missing[at] += 1;
        }
    }
    let mut ready: BTreeSet<usize> = (0..uses.len()).filter(|&at| missing[at] == 0).collect();
    let mut order = Vec::with_capacity(uses.len());
    while let Some(at) = ready.pop_first() {
        order.push(at);
        if known.insert(uses[at].output) {
            for reader in waiting.remove(&uses[at].output).unwrap_or_default() {
                missing[reader] -= 1;
                if missing[reader] == 0 {
                    ready.insert(reader);
                }
            }
        }
    }
    let left: Vec<_> = (0..uses.len()).filter(|&at| missing[at] > 0).collect();
    if left.is_empty() { Ok(order) } else { Err(left) }
}

/// Gives the uses of each layer the numbers by which others refer to them.
///
/// In Keras 2 a model that is a layer counts the making of the model as its first use.
fn count_from_references(pending: &mut [Use<'_>], outputs: &[Port<'_>], layers: &[Object<'_>]) {
    let mut least: BTreeMap<&str, u64> = BTreeMap::new();
    for (layer, call, _) in pending.iter().flat_map(|call| call.inputs.iter().flatten()).chain(outputs) {
        let least = least.entry(layer).or_insert(*call);
        *least = (*least).min(*call);
    }
    for call in pending.iter_mut().filter(|call| is_model(layers[call.layer].class)) {
        call.output.1 += least.get(call.output.0).copied().filter(|&least| least == 1).unwrap_or(0);
    }
}

fn is_model(class: &str) -> bool {
    matches!(class, "Sequential" | "Functional" | "Model")
}

fn names_and_classes<'m>(layers: &[Object<'m>]) -> Vec<(&'m str, &'m str)> {
    layers.iter().map(|layer| (layer.name().unwrap_or(""), layer.class)).collect()
}
