//! A graph as the text of `network!`, with its weights inline.

use std::fmt::Write;

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::attr::{AttrRef, AttrValue};
use hls4rs_ir::{Graph, Io, Node, Op, Precision, Slot, Strategy, Tensor};

/// The call of `network!` that makes `graph`, as a struct called `name`.
///
/// ```
/// use hls4rs_fixed::Format;
/// use hls4rs_ir::{Builder, NodeSpec, Precision, Shape, ops::Relu};
///
/// let mut net = Builder::new("net");
/// let x = net.input("x", Shape::new(&[3]).expect("a shape"), Precision::Checked(Format::fixed(8, 4)));
/// let y = net.add(NodeSpec::new("y", Relu { max: Some(6.0) }, &[x]));
/// net.output(y);
/// let text = hls4rs_tests::dsl::print(&net.finish().expect("nothing wrong"), "Net");
/// assert!(text.contains("input x: [3] as Fixed<8, 4>;"));
/// assert!(text.contains("let y = relu(x) { max: 6 };"));
/// ```
pub fn print(graph: &Graph, name: &str) -> String {
    let options = match graph.io() {
        Io::Parallel => ";".to_owned(),
        io => format!(" {{ io: {io} }}"),
    };
    let mut text = format!("network! {{\n    pub struct {name}{options}\n\n");
    for node in graph.nodes() {
        let line = match &node.op {
            Op::Input(input) => {
                let range = input.range.map_or(String::new(), |range| {
                    let dots = if range.inclusive { "..=" } else { ".." };
                    format!(" in {:?}{dots}{:?}", range.lo, range.hi)
                });
                format!("input {}: {}{}{range};", node.name, node.shape, suffix(node.precision(Slot::Result)))
            }
            _ => format!("let {} = {};", node.name, layer(graph, node)),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {line}");
    }
    text.push('\n');
    for &id in graph.outputs() {
        let _ = writeln!(text, "    output {};", graph.node(id).name);
    }
    text + "}\n"
}

fn layer(graph: &Graph, node: &Node) -> String {
    let inputs: Vec<_> = node.inputs.iter().map(|&id| graph.node(id).name.as_str()).collect();
    let settings = settings(node);
    let braces = if settings.is_empty() { String::new() } else { format!(" {{ {} }}", settings.join(", ")) };
    let (keyword, result) = (node.op.inside().layer().keyword(), suffix(node.precision(Slot::Result)));
    let call = format!("{keyword}({}){braces}", inputs.join(", "));
    match node.op {
        Op::TimeDistributed(_) => format!("time_distributed({call}){result}"),
        _ => call + &result,
    }
}

/// `key: value as format` for everything that is not at its default.
fn settings(node: &Node) -> Vec<String> {
    let mut settings = Vec::new();
    let mut op = node.op.clone();
    let mut written = Vec::new();
    for attr in op.attrs() {
        let Some(value) = attribute(&attr.value) else { continue };
        let format = Slot::from_name(attr.name).map_or(Precision::Auto, |slot| node.precision(slot));
        settings.push(format!("{}: {value}{}", attr.name, suffix(format)));
        written.push(attr.name);
    }
    // Some values have no format to choose, and so no slot in that list.
    let slots = node.op.layer().slots();
    let stored = node.values.iter().map(|(slot, _)| slot).filter(|slot| !slots.contains(slot));
    for slot in slots.iter().copied().chain(stored).filter(|slot| !written.contains(&slot.name())) {
        let asked = node.precision(slot);
        match node.values.get(slot) {
            Some(tensor) => settings.push(format!("{slot}: {}{}", list(tensor), suffix(asked))),
            None if asked == Precision::Auto => {}
            None => settings.push(format!("{slot}: {}", precision(asked))),
        }
    }
    if node.strategy != Strategy::default() {
        settings.push(format!("strategy: {}", node.strategy));
    }
    if node.reuse_factor != 1 {
        settings.push(format!("reuse_factor: {}", node.reuse_factor));
    }
    settings
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
        Precision::Checked(format) => spell(format, false),
        Precision::MayWrap(format) => spell(format, true),
    }
}

/// A format in Rust; a wrapping overflow mode is only written where values may wrap.
fn spell(format: Format, may_wrap: bool) -> String {
    let name = if format.signed { "Fixed" } else { "UFixed" };
    let Format { width, int_bits, rounding, overflow, .. } = format;
    let mode = match overflow {
        Overflow::Wrap(0) if !may_wrap => String::new(),
        Overflow::Wrap(0) => ", Wrap".to_owned(),
        Overflow::Wrap(n) => format!(", WrapN<{n}>"),
        Overflow::WrapSm(n) => format!(", WrapSm<{n}>"),
        Overflow::Sat => ", Sat".to_owned(),
        Overflow::SatZero => ", SatZero".to_owned(),
        Overflow::SatSym => ", SatSym".to_owned(),
    };
    let modes = match (rounding, mode.is_empty()) {
        (Rounding::Trn, true) => String::new(),
        _ => format!(", {rounding:?}{mode}"),
    };
    format!("{name}<{width}, {int_bits}{modes}>")
}
