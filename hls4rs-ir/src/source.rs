//! A graph as the text of `network!`.

use core::fmt::Write;

use hls4rs_fixed::Format;

use crate::attr::{Attr, AttrRef, AttrValue};
use crate::{Graph, Io, Node, Op, Precision, Slot, Strategy, Tensor};

/// The longest line that is written.
const WIDTH: usize = 100;

/// What stands around the layers.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The name of the struct.
    pub name: &'a str,
    /// What is said of it, a line each.
    pub docs: &'a [String],
    /// The file of weights, which has them as `layer.slot`; without one they are written inline.
    pub weights: Option<&'a str>,
}

/// The call of `network!` that makes `graph`.
///
/// ```
/// use hls4rs_fixed::Format;
/// use hls4rs_ir::{Builder, NodeSpec, Precision, Shape, ops::Relu, source};
///
/// let mut net = Builder::new("net");
/// let x = net.input("x", Shape::new(&[3]).expect("a shape"), Precision::Checked(Format::fixed(8, 4)));
/// let y = net.add(NodeSpec::new("y", Relu { max: Some(6.0) }, &[x]));
/// net.output(y);
/// let header = source::Header { name: "Net", docs: &["Up to six.".to_owned()], weights: None };
/// let text = source::network(&net.finish().expect("nothing wrong"), header);
/// assert_eq!(text, "\
/// network! {
///     /// Up to six.
///     pub struct Net;
///
///     input x: [3] as Fixed<8, 4>;
///     output y = relu(x, 6);
/// }
/// ");
/// ```
pub fn network(graph: &Graph, header: Header<'_>) -> String {
    let mut text = "network! {\n".to_owned();
    let mut line = |line: &str| {
        // Writing to a string cannot fail.
        let _ = if line.is_empty() { writeln!(text) } else { writeln!(text, "    {line}") };
    };
    header.docs.iter().for_each(|doc| line(&format!("/// {doc}")));
    let io = Some(graph.io()).filter(|io| *io != Io::Parallel).map(|io| format!("io: {io},"));
    let options: Vec<_> =
        header.weights.map(|file| format!("weights: {file:?},")).into_iter().chain(io).collect();
    if options.is_empty() {
        line(&format!("pub struct {};", header.name));
    } else {
        line(&format!("pub struct {} {{", header.name));
        options.iter().for_each(|option| line(&format!("    {option}")));
        line("}");
    }
    line("");
    // Outputs are declared where they are made, as long as that is their order.
    let ordered = graph.outputs().is_sorted() && graph.outputs().iter().all(|id| !is_input(graph.node(*id)));
    for (id, node) in graph.iter() {
        let keyword = if ordered && graph.outputs().contains(&id) { "output" } else { "let" };
        match &node.op {
            Op::Input(input) => {
                let range = input.range.map_or(String::new(), |range| {
                    let dots = if range.inclusive { "..=" } else { ".." };
                    format!(" in {:?}{dots}{:?}", range.lo, range.hi)
                });
                let format = suffix(node.precision(Slot::Result));
                line(&format!("input {}: {}{format}{range};", node.name, node.shape));
            }
            _ => layer(graph, node, keyword, header.weights.is_none()).iter().for_each(|text| line(text)),
        }
    }
    if !ordered {
        line("");
        graph.outputs().iter().for_each(|&id| line(&format!("output {};", graph.node(id).name)));
    }
    text + "}\n"
}

fn is_input(node: &Node) -> bool {
    matches!(node.op, Op::Input(_))
}

/// A layer on one line, or with a line for each of its settings.
fn layer(graph: &Graph, node: &Node, keyword: &str, inline: bool) -> Vec<String> {
    let (values, settings) = settings(node, inline);
    let inputs = node.inputs.iter().map(|&id| graph.node(id).name.clone());
    let args: Vec<_> = inputs.chain(values).collect();
    let result = suffix(node.precision(Slot::Result));
    let (open, close) = match node.op {
        Op::TimeDistributed(_) => ("time_distributed(", ")"),
        _ => ("", ""),
    };
    let call = format!("{keyword} {} = {open}{}({})", node.name, own_keyword(&node.op), args.join(", "));
    let end = format!("{close}{result};");
    if settings.is_empty() {
        return vec![call + &end];
    }
    let short = format!("{call} {{ {} }}{end}", settings.join(", "));
    if short.len() + 4 <= WIDTH {
        return vec![short];
    }
    let first = format!("{call} {{");
    let settings = settings.iter().map(|setting| format!("    {setting},"));
    [first].into_iter().chain(settings).chain([format!("}}{end}")]).collect()
}

fn own_keyword(op: &Op) -> &str {
    match op.inside() {
        Op::Custom(custom) => custom.name(),
        inside => inside.layer().keyword(),
    }
}

/// Attributes by position, and `key: value as format` for everything else that is not at its default.
fn settings(node: &Node, inline: bool) -> (Vec<String>, Vec<String>) {
    let (mut positional, mut settings) = (Vec::new(), Vec::new());
    let mut op = node.op.clone();
    let mut defaults = Op::from_keyword(node.op.inside().layer().keyword());
    let defaults: Vec<_> = defaults.iter_mut().flat_map(Op::attrs).map(|attr| attr.value.get()).collect();
    let mut written = Vec::new();
    for (n, attr) in op.attrs().iter().enumerate() {
        let default = defaults.get(n).cloned().flatten();
        let slot = Slot::from_name(attr.name);
        let format = suffix(slot.map_or(Precision::Auto, |slot| node.precision(slot)));
        if attr.value.get() == default && format.is_empty() {
            continue;
        }
        let Some(value) = attribute(&attr.value) else { continue };
        if n == positional.len() && format.is_empty() && is_plain(attr, default.as_ref()) {
            positional.push(value);
        } else {
            settings.push(format!("{}: {value}{format}", attr.name));
        }
        written.push(attr.name);
    }
    // Some values have no format to choose, and so no slot in that list.
    let slots = node.op.layer().slots();
    let stored = node.values.iter().map(|(slot, _)| slot).filter(|slot| !slots.contains(slot));
    for slot in slots.iter().copied().chain(stored).filter(|slot| !written.contains(&slot.name())) {
        let asked = node.precision(slot);
        match node.values.get(slot).filter(|_| inline) {
            Some(tensor) => settings.push(format!("{slot}: {}{}", list(tensor), suffix(asked))),
            None if asked == Precision::Auto || slot == Slot::Result => {}
            None => settings.push(format!("{slot}: {}", precision(asked))),
        }
    }
    if node.strategy != Strategy::default() {
        settings.push(format!("strategy: {}", node.strategy));
    }
    if node.reuse_factor != 1 {
        settings.push(format!("reuse_factor: {}", node.reuse_factor));
    }
    (positional, settings)
}

/// Whether an attribute reads well without its name: one that the layer cannot do without, or a limit.
fn is_plain(attr: &Attr<'_>, default: Option<&AttrValue>) -> bool {
    let empty = match default {
        None => true,
        Some(AttrValue::Number(n)) => *n == 0.0,
        Some(AttrValue::List(list)) => list.is_empty(),
        Some(AttrValue::Text(text)) => text.is_empty(),
        Some(AttrValue::Word(_)) => false,
    };
    empty && !matches!(attr.value, AttrRef::Choice { .. } | AttrRef::Flag(_))
}

fn attribute(value: &AttrRef<'_>) -> Option<String> {
    Some(match value.get()? {
        AttrValue::Number(x) => format!("{x:?}").trim_end_matches(".0").to_owned(),
        AttrValue::List(list) => {
            let items: Vec<_> = list.iter().map(f64::to_string).collect();
            format!("[{}]", items.join(", "))
        }
        AttrValue::Word(word) => word,
        AttrValue::Text(text) => format!("{text:?}"),
    })
}

/// Nested lists, one level for each axis.
fn list(tensor: &Tensor) -> String {
    fn level(extents: &[usize], values: &[f64]) -> String {
        let items: Vec<_> = match extents {
            [] | [_] => values.iter().map(|v| format!("{v:?}")).collect(),
            [_, inner @ ..] => {
                values.chunks(inner.iter().product()).map(|chunk| level(inner, chunk)).collect()
            }
        };
        format!("[{}]", items.join(", "))
    }
    level(tensor.shape(), tensor.values())
}

fn suffix(asked: Precision) -> String {
    if asked == Precision::Auto { String::new() } else { format!(" as {}", precision(asked)) }
}

fn precision(asked: Precision) -> String {
    match asked {
        Precision::Auto => "auto".to_owned(),
        Precision::Checked(format) => format.type_name().to_string(),
        Precision::MayWrap(format) => accepting(format),
    }
}

/// A format whose overflow mode is written out even if it wraps: values may.
fn accepting(format: Format) -> String {
    let Format { signed, width, int_bits, rounding, overflow, .. } = format;
    let sign = if signed { "" } else { "U" };
    format!("{sign}Fixed<{width}, {int_bits}, {}, {}>", rounding.type_name(), overflow.type_name())
}
