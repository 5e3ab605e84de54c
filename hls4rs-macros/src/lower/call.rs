//! Layers: arguments, attributes, formats and values of one call.

use hls4rs_ir::attr::{AttrRef, AttrValue, nearest};
use hls4rs_ir::ops::{Arity, Op, batch_norm_affine};
use hls4rs_ir::{NodeId, NodeSpec, Place, Problem, Shape, Slot, Strategy, Tensor};
use proc_macro2::Ident;

use super::{Lowering, NodeSite, reuse_factor, separable, strategy};
use crate::ast::{Arg, Call, Expr, Number, Setting, Spot, Value};
use crate::report::{list, spell, suggestion, unknown};
use crate::values::{self, tensor};

mod bidirectional;
mod own;
mod time_distributed;

/// A call on its way to a node.
struct Draft<'a> {
    name: &'a str,
    op: Op,
    spec: NodeSpec,
    site: NodeSite,
    /// Attributes that were set.
    attrs: Vec<&'static str>,
    /// Values that were written inline.
    values: Vec<(Slot, &'a Value)>,
    /// For a batch normalisation that is stored as statistics.
    epsilon: Option<Number>,
}

/// A call whose inputs are lowered.
#[derive(Clone, Copy)]
struct Parts<'a> {
    name_spot: Spot,
    call: &'a Call,
    inputs: &'a [(Option<NodeId>, Spot)],
    attrs: &'a [Positional<'a>],
}

impl Lowering<'_> {
    pub(super) fn call(&mut self, name: &str, name_spot: Spot, call: &Call) -> Option<NodeId> {
        if call.keyword == time_distributed::KEYWORD {
            let call = self.inside(name, call)?;
            return self.apply(name, name_spot, &call, time_distributed::wrapped);
        }
        self.apply(name, name_spot, call, |op| op)
    }

    /// A call of a layer that is put into another one by `wrap`.
    fn apply(&mut self, name: &str, name_spot: Spot, call: &Call, wrap: fn(Op) -> Op) -> Option<NodeId> {
        if let Some(own) = &call.own {
            return self.own(name, name_spot, call, own);
        }
        if let Some(half) = bidirectional::half(&call.keyword) {
            return self.bidirectional(name, name_spot, call, half, wrap);
        }
        if let Some((depthwise, pointwise)) = separable::parts(name, call) {
            let inner = separable::depthwise_name(name);
            let id = self.apply(&inner, (&call.keyword).into(), &depthwise, wrap);
            self.scope.push((inner, id));
            return self.apply(name, name_spot, &pointwise, wrap);
        }
        let before = self.report.count();
        let keyword = call.keyword.to_string();
        let op = Op::from_keyword(&keyword).map(wrap);
        if op.is_none() {
            let compound = separable::KEYWORDS.iter().chain(&bidirectional::KEYWORDS);
            let known: Vec<_> = Op::KEYWORDS.iter().chain(compound).copied().collect();
            self.report.syntax(unknown((&call.keyword).into(), "layer", &keyword, &known));
        }
        let (inputs, attrs) = self.split(name, op.clone(), call);
        let parts = Parts { name_spot, call, inputs: &inputs, attrs: &attrs };
        self.layer(name, op?, &parts, before)
    }

    /// A layer whose inputs are lowered already; `before` is the number of faults before they were.
    fn layer(&mut self, name: &str, op: Op, parts: &Parts<'_>, before: usize) -> Option<NodeId> {
        let Parts { name_spot, call, inputs, attrs } = *parts;
        let mut site = NodeSite::new(name_spot, (&call.keyword).into());
        site.op = op.inside().layer().keyword();
        site.places = inputs.iter().enumerate().map(|(n, (_, spot))| (Place::Input(n), *spot)).collect();
        let spec = NodeSpec::new(name, op.clone(), &[]);
        let mut draft = Draft { name, op, spec, site, attrs: Vec::new(), values: Vec::new(), epsilon: None };
        self.positional(&mut draft, attrs);
        for setting in &call.settings {
            self.setting(&mut draft, setting);
        }
        if let (Some(format), true) = (&call.format, draft.spec.precision.get(Slot::Result).is_some()) {
            self.report.add(format.spot, &format!("layer `{name}`: `result` is given twice"), None);
        }
        let Draft { op, mut spec, mut site, values, epsilon, .. } = draft;
        self.format(&mut spec, &mut site, Slot::Result, call.format.as_ref());
        let inputs: Option<Vec<_>> = inputs.iter().map(|(id, _)| *id).collect();
        if self.report.count() > before {
            return None;
        }
        spec.inputs = inputs?;
        spec.op = op;
        self.fill(&mut spec, &mut site, &values, epsilon);
        (self.report.count() == before).then(|| self.add(spec, site))
    }

    /// Separates inputs from attributes, and lowers the inputs.
    fn split<'a>(
        &mut self,
        name: &str,
        op: Option<Op>,
        call: &'a Call,
    ) -> (Vec<(Option<NodeId>, Spot)>, Vec<Positional<'a>>) {
        let arity = op.as_ref().map_or(Arity::AtLeast(0), |op| op.layer().arity());
        let words: Vec<bool> = op.map_or(Vec::new(), |mut op| {
            op.attrs().iter().map(|attr| matches!(attr.value, AttrRef::Choice { .. })).collect()
        });
        let (mut inputs, mut attrs) = (Vec::new(), Vec::new());
        for arg in &call.args {
            match arg {
                Arg::Value(value) => attrs.push(Positional::Value(value)),
                Arg::Expr(Expr::Name { name, format: None })
                    if matches!(arity, Arity::Exactly(n) if inputs.len() >= n)
                        && words.get(attrs.len()) == Some(&true) =>
                {
                    attrs.push(Positional::Word(name));
                }
                Arg::Expr(expr) => {
                    let nested = nested_name(name, &call.args, inputs.len() + attrs.len());
                    inputs.push(self.argument(&nested, expr));
                }
            }
        }
        (inputs, attrs)
    }

    /// An input of a layer: a name, or a layer of its own.
    fn argument(&mut self, nested: &str, expr: &Expr) -> (Option<NodeId>, Spot) {
        match expr {
            Expr::Name { name, format: None } => (self.lookup(name), name.into()),
            Expr::Name { name, format: Some(format) } => {
                let help = format!("declare the cast: `let narrow = {name} as …;`");
                self.report.add(format.spot, "an input has the format of its layer", Some(&help));
                (None, name.into())
            }
            Expr::Call(call) => {
                let spot = (&call.keyword).into();
                self.referenced.insert(nested.to_owned());
                (self.call(nested, spot, call), spot)
            }
        }
    }

    fn positional<'a>(&mut self, draft: &mut Draft<'a>, attrs: &[Positional<'a>]) {
        for (n, value) in attrs.iter().enumerate() {
            let names: Vec<_> = draft.op.attrs().iter().map(|attr| attr.name).collect();
            match names.get(n) {
                Some(attr) => self.attribute(draft, attr, value.value(), value.spot(), &value.text()),
                None => {
                    let keyword = draft.op.inside().layer().keyword();
                    let message = match names.len() {
                        0 => format!("layer `{}`: `{keyword}` takes no attributes", draft.name),
                        _ => format!(
                            "layer `{}`: one attribute too many; `{keyword}` takes {}",
                            draft.name,
                            list(&names)
                        ),
                    };
                    self.report.add(value.spot(), &message, None);
                }
            }
        }
    }

    fn attribute(
        &mut self,
        draft: &mut Draft<'_>,
        name: &'static str,
        value: Result<AttrValue, (Spot, String)>,
        spot: Spot,
        found: &str,
    ) {
        draft.site.places.push((Place::Attr(name), spot));
        if draft.attrs.contains(&name) {
            self.report.add(spot, &format!("layer `{}`: `{name}` is given twice", draft.name), None);
            return;
        }
        draft.attrs.push(name);
        let mut attrs = draft.op.attrs();
        let attr = attrs.iter_mut().find(|attr| attr.name == name).expect("an attribute of the layer");
        let (spot, expected) = match value {
            Ok(value) => match attr.value.set(&value) {
                Ok(()) => return,
                Err(expected) => (spot, expected),
            },
            Err((spot, expected)) => (spot, expected),
        };
        let layer = draft.name.to_owned();
        let help = match (&attr.value, nearest_choice(&attr.value, found)) {
            (_, Some(word)) => Some(format!("did you mean `{word}`?")),
            _ => None,
        };
        let problem = Problem::Attribute { layer, attr: name, expected, found: found.to_owned() };
        self.report.add(spot, &problem.to_string(), help.as_deref());
    }

    fn setting<'a>(&mut self, draft: &mut Draft<'a>, setting: &'a Setting) {
        let key = setting.key.to_string();
        let layer = draft.name;
        let attr = draft.op.attrs().iter().map(|attr| attr.name).find(|name| *name == key);
        let slot = Slot::from_name(&key);
        match (key.as_str(), attr, slot, &setting.value) {
            ("strategy", _, _, Some(Value::Word(word))) if setting.format.is_none() => {
                draft.site.places.push((Place::Strategy, word.into()));
                if let Some(strategy) = strategy(word, self.report) {
                    draft.spec.strategy = strategy;
                }
            }
            ("reuse_factor", _, _, Some(Value::Number(number))) if setting.format.is_none() => {
                draft.site.places.push((Place::ReuseFactor, number.spot));
                if let Some(factor) = reuse_factor(number, self.report) {
                    draft.spec.reuse_factor = factor;
                }
            }
            ("strategy" | "reuse_factor", _, _, value) => {
                let expected = match key.as_str() {
                    "strategy" => format!("one of {}", list(&Strategy::ALL.map(Strategy::name))),
                    _ => "a whole number of at least 1".to_owned(),
                };
                let found = value.as_ref().map_or("a format".to_owned(), values::text);
                let message = format!("layer `{layer}`: `{key}`: expected {expected}, found {found}");
                let spot = value.as_ref().map_or((&setting.key).into(), Value::spot);
                self.report.add(spot, &message, None);
            }
            ("epsilon", None, _, Some(Value::Number(number)))
                if matches!(draft.op.inside(), Op::BatchNorm(_)) =>
            {
                if number.value < 0.0 || draft.epsilon.replace(*number).is_some() {
                    let message = format!("layer `{layer}`: expected one `epsilon` of at least 0");
                    self.report.add(number.spot, &message, None);
                }
            }
            (_, Some(attr), slot, Some(value)) => {
                self.attribute(draft, attr, values::attr_value(value), value.spot(), &values::text(value));
                match (slot, &setting.format) {
                    (Some(slot), format) => {
                        self.format(&mut draft.spec, &mut draft.site, slot, format.as_ref())
                    }
                    (None, Some(format)) => {
                        let message =
                            format!("layer `{layer}`: attribute `{key}` has a value, but no format");
                        self.report.add(format.spot, &message, Some("delete `as …`"));
                    }
                    (None, None) => {}
                }
            }
            (_, _, Some(slot), value) => {
                if draft.spec.precision.get(slot).is_some() || draft.values.iter().any(|(s, _)| *s == slot) {
                    let message = format!("layer `{layer}`: `{key}` is given twice");
                    self.report.add((&setting.key).into(), &message, None);
                    return;
                }
                match value {
                    Some(Value::Word(word)) => {
                        let message =
                            format!("layer `{layer}`: `{key}`: expected a format or values, found `{word}`");
                        let help =
                            "formats are written `Fixed<16, 6>`, `UFixed<…>`, `Int<8>`, `Uint<8>` or `auto`";
                        self.report.add(word.into(), &message, Some(help));
                    }
                    Some(value) => {
                        draft.site.places.push((Place::Values(slot), value.spot()));
                        draft.values.push((slot, value));
                    }
                    None => {}
                }
                self.format(&mut draft.spec, &mut draft.site, slot, setting.format.as_ref());
            }
            (_, Some(name), None, None) => {
                let expected =
                    draft.op.attrs().iter().find(|attr| attr.name == name).map(|attr| attr.value.expected());
                let expected = expected.unwrap_or_default();
                let message =
                    format!("layer `{layer}`: attribute `{key}`: expected {expected}, found a format");
                self.report.add((&setting.key).into(), &message, None);
            }
            (_, None, None, _) => {
                let mut known: Vec<_> = draft.op.attrs().iter().map(|attr| attr.name).collect();
                known.extend(draft.op.layer().slots().iter().map(|slot| slot.name()));
                known.extend(["result", "strategy", "reuse_factor"]);
                let message = format!("layer `{layer}`: unknown attribute `{key}`");
                self.report.add(
                    (&setting.key).into(),
                    &message,
                    Some(&suggestion("attribute", &key, &known)),
                );
            }
        }
    }

    /// Gives a layer its values: those written inline, else those of the weights file.
    fn fill(
        &mut self,
        spec: &mut NodeSpec,
        site: &mut NodeSite,
        inline: &[(Slot, &Value)],
        epsilon: Option<Number>,
    ) {
        let op = spec.op.clone();
        let layer = op.layer();
        let shapes: Option<Vec<&Shape>> = spec.inputs.iter().map(|&id| self.builder.shape(id)).collect();
        let fits = |shapes: &Vec<&Shape>| layer.arity().allows(shapes.len()) && layer.shape(shapes).is_ok();
        // Without shapes there is a fault already, here or above.
        let Some(shapes) = shapes.filter(fits) else { return };
        let (parameters, multiplications) = (layer.parameters(&shapes), layer.multiplications(&shapes));
        // Values such as widths have no format of their own.
        let formats = layer.slots();
        let slots: Vec<_> =
            parameters.iter().map(|parameter| parameter.slot).filter(|slot| formats.contains(slot)).collect();
        self.inherit(spec, site, &slots);
        if multiplications.is_none() {
            self.check_reuse(spec, site);
        }
        for (slot, value) in inline {
            let Some(parameter) = parameters.iter().find(|parameter| parameter.slot == *slot) else {
                let (layer, op) = (spec.name.clone(), op.inside().layer().keyword());
                if formats.contains(slot) || *slot == Slot::Result {
                    let message =
                        format!("layer `{layer}`: `{slot}` of `{op}` layers takes a format, not values");
                    let help = format!("write a format: `{slot}: Fixed<16, 6>`");
                    self.report.add(value.spot(), &message, Some(&help));
                } else {
                    let slots = parameters.iter().map(|parameter| parameter.slot).collect();
                    let problem = Problem::NoSuchValues { layer, op, slot: *slot, slots };
                    self.report.add(value.spot(), &problem.to_string(), problem.help(&spell).as_deref());
                }
                continue;
            };
            let what = format!("layer `{}`: `{slot}`", spec.name);
            if let Some(tensor) = tensor(value, &parameter.shape, &what, self.report) {
                spec.values.set(*slot, tensor);
            }
        }
        if matches!(op.inside(), Op::BatchNorm(_)) {
            self.statistics(spec, site, epsilon);
        }
        for parameter in parameters {
            let slot = parameter.slot;
            if spec.values.get(slot).is_some() || inline.iter().any(|(written, _)| *written == slot) {
                continue;
            }
            let array = format!("{}.{slot}", spec.name);
            if let Some(tensor) = self.weights.take(&array) {
                site.arrays.push((slot, array));
                spec.values.set(slot, tensor);
            } else if self.weights_failed && !parameter.optional {
                // The file is the fault, and that is said once.
                let zeros = vec![0.0; parameter.shape.elements()];
                spec.values.set(slot, Tensor::new(parameter.shape, zeros).expect("a zero for each element"));
            }
        }
    }

    fn check_reuse(&mut self, spec: &mut NodeSpec, site: &NodeSite) {
        spec.reuse_factor = 1;
        if let Some(spot) = site.place(&Place::ReuseFactor) {
            let (name, keyword) = (&spec.name, spec.op.inside().layer().keyword());
            let message = format!("layer `{name}`: `{keyword}` layers have no multipliers to reuse");
            self.report.add(spot, &message, Some("delete `reuse_factor`"));
        }
    }

    /// Scale and bias of a batch normalisation whose statistics are in the weights file.
    fn statistics(&mut self, spec: &mut NodeSpec, site: &mut NodeSite, epsilon: Option<Number>) {
        let array = |name: &str| format!("{}.{name}", spec.name);
        let stored = self.weights.has(&array("moving_mean")) && self.weights.has(&array("moving_variance"));
        if !stored || self.weights.has(&array("scale")) {
            if let Some(epsilon) = epsilon {
                let message =
                    format!("layer `{}`: `epsilon` goes with statistics, and there are none", spec.name);
                let help = format!("arrays: `{}`, `{}`", array("moving_mean"), array("moving_variance"));
                self.report.add(epsilon.spot, &message, Some(&help));
            }
            return;
        }
        let Some(epsilon) = epsilon else {
            let message = format!("layer `{}`: its statistics need an `epsilon`", spec.name);
            let help =
                "write `{ epsilon: 0.001 }` (the default of Keras) or `{ epsilon: 0.00001 }` (of PyTorch)";
            self.report.add(site.keyword, &message, Some(help));
            return;
        };
        let names = [array("gamma"), array("beta"), array("moving_mean"), array("moving_variance")];
        let [gamma, beta, mean, variance] = names.map(|name| self.weights.take(&name));
        let (Some(mean), Some(variance)) = (mean, variance) else { return };
        let shape = mean.shape().clone();
        let all = |value: f64| {
            Tensor::new(shape.clone(), vec![value; shape.elements()]).expect("one for each element")
        };
        let (gamma, beta) = (gamma.unwrap_or_else(|| all(1.0)), beta.unwrap_or_else(|| all(0.0)));
        if [&gamma, &beta, &variance].iter().any(|tensor| *tensor.shape() != shape) {
            let message = format!("layer `{}`: its statistics have different shapes", spec.name);
            let note = format!(
                "gamma {}, beta {}, moving_mean {shape}, moving_variance {}",
                gamma.shape(),
                beta.shape(),
                variance.shape()
            );
            self.report.add_noted(site.keyword, &message, &[note], None);
            return;
        }
        let (scale, bias) =
            batch_norm_affine(gamma.values(), beta.values(), mean.values(), variance.values(), epsilon.value);
        for (slot, values) in [(Slot::Scale, scale), (Slot::Bias, bias)] {
            spec.values.set(slot, Tensor::new(shape.clone(), values).expect("as many as there are channels"));
        }
    }
}

/// An attribute that is written by its position.
enum Positional<'a> {
    Value(&'a Value),
    Word(&'a Ident),
}

impl Positional<'_> {
    fn value(&self) -> Result<AttrValue, (Spot, String)> {
        match self {
            Self::Value(value) => values::attr_value(value),
            Self::Word(word) => Ok(AttrValue::Word(word.to_string())),
        }
    }

    fn spot(&self) -> Spot {
        match self {
            Self::Value(value) => value.spot(),
            Self::Word(word) => (*word).into(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Value(value) => values::text(value),
            Self::Word(word) => format!("`{word}`"),
        }
    }
}

fn nearest_choice(attr: &AttrRef<'_>, found: &str) -> Option<&'static str> {
    match attr {
        AttrRef::Choice { allowed, .. } => nearest(found.trim_matches('`'), allowed.iter().copied()),
        _ => None,
    }
}

/// The name of a layer that is written inside of another one: `OUTER_KEYWORD`, numbered from 1 if several inputs
/// of the outer layer have that keyword.
fn nested_name(outer: &str, args: &[Arg], at: usize) -> String {
    let keyword = |arg: &Arg| match arg {
        Arg::Expr(Expr::Call(call)) => Some(call.keyword.to_string()),
        _ => None,
    };
    let Some(own) = args.get(at).and_then(keyword) else { return outer.to_owned() };
    let same = |args: &[Arg]| args.iter().filter(|arg| keyword(arg).as_deref() == Some(own.as_str())).count();
    if same(args) > 1 { format!("{outer}_{own}{}", same(&args[..=at])) } else { format!("{outer}_{own}") }
}
