//! From the tree of what is written to a resolved graph, through the checks of `hls4rs_ir`.

use std::collections::BTreeSet;
use std::path::Path;

use hls4rs_fixed::Format;
use hls4rs_ir::ops::{Input, Op, Range};
use hls4rs_ir::{Builder, Io, NodeId, NodeSpec, Place, Precision, Resolved, Shape, Site, Slot, Strategy};
use proc_macro2::Ident;

use crate::ast::{Expr, FormatSpec, InputDecl, Network, Number, Options, Spot, Statement};
use crate::faults;
use crate::format::{MAX_WIDTH, precision};
use crate::report::{Report, suggestion, unknown};
use crate::values;
use crate::weights::{self, Weights};

mod call;
mod separable;

/// A network after all checks.
pub(crate) struct Lowered {
    /// The network; `None` if anything is wrong.
    pub(crate) resolved: Option<Resolved>,
    /// What is known of its inputs and outputs in any case.
    pub(crate) interface: Interface,
    /// Arrays of the weights file that no layer has read.
    pub(crate) unused_arrays: Vec<String>,
    /// Layers of one's own.
    pub(crate) own: Vec<OwnLayer>,
}

/// The node, the type and the value of a layer of one's own.
pub(crate) type OwnLayer = (String, syn::Path, proc_macro2::TokenStream);

/// The parameters of `predict` as far as they are known.
#[derive(Default)]
pub(crate) struct Interface {
    pub(crate) inputs: Vec<(Ident, Option<Port>)>,
    pub(crate) outputs: Vec<(Ident, Option<Port>)>,
}

/// Shape and format of an input or an output.
#[derive(Clone)]
pub(crate) struct Port {
    pub(crate) shape: Shape,
    pub(crate) format: Format,
}

/// Where the parts of a node stand in the source.
pub(crate) struct NodeSite {
    /// The name of the layer, or the keyword of one that is nested.
    pub(crate) name: Spot,
    /// The keyword.
    pub(crate) keyword: Spot,
    /// The keyword of the layer that computes, empty if there is none.
    pub(crate) op: &'static str,
    /// What was written for this layer.
    pub(crate) places: Vec<(Place, Spot)>,
    /// Slots whose values come from this array of the weights file.
    pub(crate) arrays: Vec<(Slot, String)>,
    /// Slots whose format is the default of the network.
    pub(crate) defaulted: Vec<Slot>,
}

impl NodeSite {
    fn new(name: Spot, keyword: Spot) -> Self {
        Self { name, keyword, op: "", places: Vec::new(), arrays: Vec::new(), defaulted: Vec::new() }
    }
}

/// What the header says, understood.
#[derive(Default)]
pub(crate) struct Defaults {
    pub(crate) precision: Option<Precision>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) reuse_factor: Option<usize>,
}

/// Lowers a network; mistakes go to the report.
pub(crate) fn lower(network: &Network, root: &Path, report: &mut Report) -> Lowered {
    let options = &network.header.options;
    let weights = weights::read(options.weights.as_ref(), root, report);
    let mut lowering = Lowering {
        builder: Builder::new(network.header.name.to_string()),
        defaults: defaults(options, report),
        sites: Vec::new(),
        scope: Vec::new(),
        later: network.statements.iter().map(|s| s.name().to_string()).collect(),
        referenced: BTreeSet::new(),
        weights_failed: weights.is_none(),
        weights: weights.unwrap_or_default(),
        interface: Interface::default(),
        outputs: Vec::new(),
        own: Vec::new(),
        formats: Vec::new(),
        shapes: Vec::new(),
        report,
    };
    if let Some(word) = &options.io {
        match Io::from_name(&word.to_string()) {
            Some(io) => lowering.builder.io(io),
            None => lowering.report.syntax(unknown(
                word.into(),
                "interface",
                &word.to_string(),
                &Io::ALL.map(Io::name),
            )),
        }
    }
    for statement in &network.statements {
        lowering.statement(statement);
    }
    lowering.finish(network)
}

fn defaults(options: &Options, report: &mut Report) -> Defaults {
    let strategy = options.strategy.as_ref().and_then(|word| strategy(word, report));
    let precision = options.default.as_ref().and_then(|spec| precision(spec, report));
    let reuse_factor = options.reuse_factor.as_ref().and_then(|number| reuse_factor(number, report));
    Defaults { precision, strategy, reuse_factor }
}

fn strategy(word: &Ident, report: &mut Report) -> Option<Strategy> {
    let found = word.to_string();
    let strategy = Strategy::from_name(&found);
    if strategy.is_none() {
        report.syntax(unknown(word.into(), "strategy", &found, &Strategy::ALL.map(Strategy::name)));
    }
    strategy
}

fn reuse_factor(number: &Number, report: &mut Report) -> Option<usize> {
    let factor = values::whole(number);
    if factor.is_none() {
        let found = number.value;
        let message = format!("expected a reuse factor, a whole number of at least 1, found {found}");
        report.add(number.spot, &message, None);
    }
    factor
}

struct Lowering<'a> {
    builder: Builder,
    defaults: Defaults,
    sites: Vec<NodeSite>,
    /// What each name stands for; `None` for a node that is not in the graph because of a mistake.
    scope: Vec<(String, Option<NodeId>)>,
    /// Every name that is declared anywhere.
    later: Vec<String>,
    referenced: BTreeSet<String>,
    weights: Weights,
    weights_failed: bool,
    interface: Interface,
    outputs: Vec<NodeId>,
    own: Vec<OwnLayer>,
    /// The result formats that were written, by node.
    formats: Vec<Option<Format>>,
    /// The result shapes, by node; known also where something else is wrong with a layer.
    shapes: Vec<Option<Shape>>,
    report: &'a mut Report,
}

impl Lowering<'_> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Input(input) => {
                let id = self.input(input);
                self.declare(&input.name, id);
            }
            Statement::Let { name, value } => {
                let id = self.named(name, value);
                self.declare(name, id);
            }
            Statement::Output { name, value: Some(value) } => {
                let id = self.named(name, value);
                self.declare(name, id);
                self.output(name, id);
            }
            Statement::Output { name, value: None } => {
                let id = self.lookup(name);
                self.output(name, id);
            }
        }
    }

    fn declare(&mut self, name: &Ident, id: Option<NodeId>) {
        self.scope.push((name.to_string(), id));
    }

    fn output(&mut self, name: &Ident, id: Option<NodeId>) {
        let Some(id) = id else {
            self.interface.outputs.push((name.clone(), None));
            return;
        };
        if self.outputs.contains(&id) {
            self.report.add(name.into(), &format!("`{name}` is an output already"), None);
        } else if self.interface.inputs.iter().any(|(input, _)| input == name) {
            let help = format!("give the output a name of its own: `output y = {name};`");
            self.report.add(name.into(), &format!("`{name}` is an input"), Some(&help));
        } else {
            self.outputs.push(id);
            self.builder.output(id);
        }
        let port = self.port(id);
        self.interface.outputs.push((name.clone(), port));
    }

    /// Shape and format of a layer, if both are known before all formats are settled.
    fn port(&self, id: NodeId) -> Option<Port> {
        let format = self.formats[id.index()].filter(|format| format.width <= MAX_WIDTH)?;
        Some(Port { shape: self.shapes[id.index()].clone()?, format })
    }

    fn input(&mut self, input: &InputDecl) -> Option<NodeId> {
        let id = self.input_node(input);
        let port = id.and_then(|id| self.port(id));
        self.interface.inputs.push((input.name.clone(), port));
        id
    }

    fn input_node(&mut self, input: &InputDecl) -> Option<NodeId> {
        let before = self.report.count();
        let name = input.name.to_string();
        let mut site = NodeSite::new((&input.name).into(), (&input.name).into());
        let shape = values::shape(&input.shape, &format!("input `{name}`"), self.report);
        let range = input.range.as_ref().map(|range| {
            site.places.push((Place::Range, range.lo.spot.to(range.hi.spot)));
            Range { lo: range.lo.value, hi: range.hi.value, inclusive: range.inclusive }
        });
        let mut spec = NodeSpec::new(name, Input { shape: shape?, range }, &[]);
        self.format(&mut spec, &mut site, Slot::Result, input.format.as_ref());
        self.inherit(&mut spec, &mut site, &[]);
        // Without a format and a range, an input is `fixed<16,6>`.
        if spec.precision.get(Slot::Result).is_none_or(|p| *p == Precision::Auto) && input.range.is_none() {
            spec.precision.set(Slot::Result, Precision::Checked(Format::fixed(16, 6)));
        }
        (self.report.count() == before).then(|| self.add(spec, site))
    }

    fn add(&mut self, mut spec: NodeSpec, site: NodeSite) -> NodeId {
        self.sites.push(site);
        // Site 0 is the network.
        spec.site = Site(u32::try_from(self.sites.len()).expect("fewer than 2^32 layers"));
        self.formats.push(spec.precision.get(Slot::Result).and_then(|precision| precision.format()));
        let layer = spec.op.layer();
        let inputs: Option<Vec<&Shape>> =
            spec.inputs.iter().map(|id| self.shapes[id.index()].as_ref()).collect();
        let inputs = inputs.filter(|inputs| layer.arity().allows(inputs.len()));
        let shape = inputs.and_then(|inputs| layer.shape(&inputs).ok());
        self.shapes.push(shape);
        self.builder.add(spec)
    }

    /// Looks up a layer that was declared before.
    fn lookup(&mut self, name: &Ident) -> Option<NodeId> {
        let word = name.to_string();
        self.referenced.insert(word.clone());
        if let Some((_, id)) = self.scope.iter().find(|(known, _)| *known == word) {
            return *id;
        }
        let help = if self.later.contains(&word) {
            format!("`{word}` is declared further down; a layer reads from layers above it")
        } else {
            let names: Vec<_> = self.scope.iter().map(|(name, _)| name.as_str()).collect();
            suggestion("layer", &word, &names)
        };
        self.report.add(name.into(), &format!("there is no layer `{word}`"), Some(&help));
        None
    }

    /// The layer that a statement declares.
    fn named(&mut self, name: &Ident, value: &Expr) -> Option<NodeId> {
        match value {
            Expr::Call(call) => self.call(&name.to_string(), name.into(), call),
            Expr::Name { name: from, format } => {
                let input = self.lookup(from);
                let op = Op::from_keyword("linear").expect("the layer that only casts");
                let mut spec = NodeSpec::new(name.to_string(), op, &[input?]);
                let mut site = NodeSite::new(name.into(), from.into());
                site.places.push((Place::Input(0), from.into()));
                let before = self.report.count();
                self.format(&mut spec, &mut site, Slot::Result, format.as_ref());
                (self.report.count() == before).then(|| self.add(spec, site))
            }
        }
    }

    /// Takes over a format that was written for a slot.
    fn format(&mut self, spec: &mut NodeSpec, site: &mut NodeSite, slot: Slot, format: Option<&FormatSpec>) {
        if let Some(format) = format {
            site.places.push((Place::Precision(slot), format.spot));
            if let Some(precision) = precision(format, self.report) {
                spec.precision.set(slot, precision);
            }
        }
    }

    /// Takes over what the network says for layers that do not say it themselves; `slots` hold trained values.
    fn inherit(&mut self, spec: &mut NodeSpec, site: &mut NodeSite, slots: &[Slot]) {
        if let Some(precision) = self.defaults.precision {
            for &slot in slots.iter().chain(&[Slot::Result]) {
                if spec.precision.get(slot).is_none() {
                    spec.precision.set(slot, precision);
                    site.defaulted.push(slot);
                }
            }
        }
        let strategies = spec.op.layer().strategies();
        if let Some(strategy) = self.defaults.strategy.filter(|s| strategies.contains(s))
            && site.place(&Place::Strategy).is_none()
        {
            spec.strategy = strategy;
        }
        if let Some(factor) = self.defaults.reuse_factor
            && site.place(&Place::ReuseFactor).is_none()
        {
            spec.reuse_factor = factor;
        }
    }

    fn finish(self, network: &Network) -> Lowered {
        let unused_arrays = self.weights.unused();
        let (interface, sites, own) = (self.interface, self.sites, self.own);
        let names = faults::Context {
            network: (&network.header.name).into(),
            sites: &sites,
            referenced: &self.referenced,
            has_inputs: !interface.inputs.is_empty(),
            has_outputs: !interface.outputs.is_empty(),
            weights: &self.weights,
            defaults: &self.defaults,
        };
        let resolved = match self.builder.resolve() {
            Ok(resolved) => Some(resolved),
            Err(found) => {
                faults::report(&found, &names, self.report);
                None
            }
        };
        let resolved = resolved.filter(|resolved| faults::check_typed(resolved, &names, self.report));
        Lowered { resolved, interface, unused_arrays, own }
    }
}
