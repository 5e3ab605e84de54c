//! A configuration that says everything that is taken where nothing is said.

use std::collections::BTreeMap;

use super::{Asked, Config, Section, Setting};
use crate::attr::AttrValue;
use crate::draft::{Draft, DraftNode, Role, Type};
use crate::precision::{default_type, is_stored, slots, variable};
use crate::{Op, Slot};

/// How fine a configuration is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Granularity {
    /// One section for the model: one type for everything.
    #[default]
    Model,
    /// A section for every class of layers.
    Class,
    /// A section for every layer: all types derived, but for those that the file says.
    Name,
}

impl Config {
    /// The configuration that hls4ml proposes for a network; `default` is the type of everything that is not derived.
    ///
    /// What the file itself settles, such as the type of quantized weights, is left out: it would have no effect. The
    /// types of tables stand under keys that have one (`table_t`), and not under `Precision`.
    pub fn of(draft: &Draft, granularity: Granularity, default: Type) -> Self {
        let mut config = Self { by_class: BTreeMap::new(), by_name: BTreeMap::new(), ..Self::default() };
        config.model = Section::default()
            .default_precision(Asked::Type(default))
            .set("reuse_factor", Setting::Number(1.0))
            .set("strategy", Setting::Word("Latency".to_owned()));
        for node in &draft.nodes {
            let (name, class) = match &node.part {
                Some(part) => (&part.layer, &part.class),
                None => (&node.name, &node.class),
            };
            let sections = match granularity {
                Granularity::Model => break,
                Granularity::Class => config.by_class.entry(class.clone()),
                Granularity::Name => config.by_name.entry(name.clone()),
            };
            sections.or_default().update(&section(node));
        }
        config
    }
}

fn section(node: &DraftNode) -> Section {
    let mut section = Section::default();
    for slot in slots(node).into_iter().filter(|&slot| !is_settled(node, slot)) {
        match variable_of(node, slot) {
            Some(variable) if node.quantizer(slot).is_none() && !is_missing(node, slot) => {
                section.precision.insert(variable, precision(node, slot));
            }
            None => {
                let ty =
                    node.types.get(slot).copied().or_else(|| default_type(&node.op, slot).map(Type::Fixed));
                if let Some(ty) = ty {
                    section.types.insert(variable(&node.op, slot).to_owned(), Asked::Type(ty));
                }
            }
            Some(_) => {}
        }
    }
    settings(node, &mut section);
    section
}

/// What a slot is called under `Precision`; `None` if it is an attribute of the layer.
fn variable_of(node: &DraftNode, slot: Slot) -> Option<String> {
    let role = node.part.as_ref().map(|part| part.role);
    let weights = matches!(slot, Slot::Weight | Slot::Bias | Slot::RecurrentWeight | Slot::RecurrentBias);
    let plain = variable(&node.op, slot);
    match (slot, role) {
        (Slot::Weight, Some(Role::Depthwise)) => Some("depthwise".to_owned()),
        (Slot::Weight, Some(Role::Pointwise)) => Some("pointwise".to_owned()),
        (Slot::Accum | Slot::Result, Some(Role::Depthwise)) => Some(format!("depthwise_{plain}")),
        (Slot::Accum, Some(Role::Pointwise)) => Some("pointwise_accum".to_owned()),
        (_, Some(Role::Forward)) if weights => Some(format!("forward_{plain}")),
        (_, Some(Role::Backward)) if weights => Some(format!("backward_{plain}")),
        (Slot::Result | Slot::Accum | Slot::Alpha, _) => Some(plain.to_owned()),
        _ if is_stored(&node.op, slot) => Some(plain.to_owned()),
        _ => None,
    }
}

/// Whether what is proposed for a slot would have no effect, or one that nobody wants.
fn is_settled(node: &DraftNode, slot: Slot) -> bool {
    const TABLES: [Slot; 2] = [Slot::Table, Slot::RecurrentTable];
    match node.op {
        // The types within such a layer follow from its sizes, but for that of the result.
        Op::Garnet(_) => slot != Slot::Result,
        // One key names the type of both tables, which the file may give to each of them.
        Op::Recurrent(_) => TABLES.contains(&slot) && TABLES.iter().any(|&t| node.types.get(t).is_some()),
        _ => false,
    }
}

/// A bias that is not there has no type to choose.
fn is_missing(node: &DraftNode, slot: Slot) -> bool {
    slot == Slot::Bias && node.values.get(slot).is_none()
}

fn precision(node: &DraftNode, slot: Slot) -> Asked {
    let quantized = node.quantizers.get(slot).and_then(|quantizer| match slot {
        Slot::Result => quantizer.result_type(),
        _ => Some(quantizer.ty()).filter(|ty| matches!(ty, Type::Fixed(_))),
    });
    let fixed = node.types.get(slot).copied().filter(|ty| matches!(ty, Type::Fixed(_)));
    let usual = || default_type(&node.op, slot).map(Type::Fixed);
    quantized.or(fixed).or_else(usual).map_or(Asked::Auto, Asked::Type)
}

fn settings(node: &DraftNode, section: &mut Section) {
    let mut op = node.op.clone();
    for attr in op.attrs() {
        if !matches!(attr.name, "table_size" | "table_range_power2" | "implementation") {
            continue;
        }
        let setting = match attr.value.get() {
            Some(AttrValue::Number(v)) => Setting::Number(v),
            Some(AttrValue::Word(word)) => Setting::Word(word),
            _ => continue,
        };
        section.settings.insert(attr.name.to_owned(), setting);
    }
    if let Op::Softmax(_) = node.op {
        section.settings.insert("skip".to_owned(), Setting::Flag(node.details.skip));
    }
    if node.op.layer().strategies().len() > 1 || matches!(node.op, Op::Garnet(_)) {
        section.settings.insert("reuse_factor".to_owned(), Setting::Number(1.0));
    }
}
