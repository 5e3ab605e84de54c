//! From a network to text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{MAX_NUMBERS, VERSION};
use crate::attr::AttrValue;
use crate::hardware::{Io, Strategy};
use crate::ops::Op;
use crate::{Graph, Node, Precision, Tensor};

pub(super) fn graph(graph: &Graph) -> String {
    let name = |id: &crate::NodeId| Value::from(graph.node(*id).name.as_str());
    let nodes: Vec<String> = graph.nodes().iter().map(|n| node(graph, n)).collect();
    let outputs: Value = graph.outputs().iter().map(name).collect();
    let io = match graph.io() {
        Io::Parallel => String::new(),
        io => format!("  \"io\": \"{io}\",\n"),
    };
    format!(
        "{{\n  \"hls4rs_graph\": {VERSION},\n  \"name\": {},\n{io}  \"nodes\": [\n{}\n  ],\n  \"outputs\": {outputs}\n}}\n",
        Value::from(graph.name()),
        nodes.join(",\n"),
    )
}

fn node(graph: &Graph, node: &Node) -> String {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut field = |name, value: Value| fields.push((name, value.to_string()));
    field("name", json!(node.name));
    field("op", json!(node.op.layer().keyword()));
    if let Op::Input(input) = &node.op {
        field("shape", json!(input.shape.to_vec()));
        if let Some(range) = input.range {
            field("range", json!({ "lo": range.lo, "hi": range.hi, "inclusive": range.inclusive }));
        }
    } else {
        if let Op::Custom(custom) = &node.op {
            field("layer", json!(custom.name()));
            if let Some(shape) = custom.declared_shape() {
                field("shape", json!(shape.to_vec()));
            }
        }
        let inputs: Value = node.inputs.iter().map(|&id| graph.node(id).name.as_str()).collect();
        field("inputs", inputs);
    }
    if let Op::TimeDistributed(steps) = &node.op {
        field("layer", json!(steps.layer.layer().keyword()));
    }
    let attributes = attributes(&node.op);
    if !attributes.is_empty() {
        field("attributes", Value::Object(attributes));
    }
    let precision: Map<String, Value> =
        node.precision.iter().map(|(slot, p)| (slot.name().to_owned(), json!(precision(*p)))).collect();
    if !precision.is_empty() {
        field("precision", Value::Object(precision));
    }
    let values: Vec<String> =
        node.values.iter().map(|(slot, t)| format!("        \"{slot}\": {}", tensor(t))).collect();
    if node.strategy != Strategy::default() {
        field("strategy", json!(node.strategy.name()));
    }
    if node.reuse_factor != 1 {
        field("reuse_factor", json!(node.reuse_factor));
    }
    if !values.is_empty() {
        fields.push(("values", format!("{{\n{}\n      }}", values.join(",\n"))));
    }
    let lines: Vec<String> =
        fields.iter().map(|(name, value)| format!("      \"{name}\": {value}")).collect();
    format!("    {{\n{}\n    }}", lines.join(",\n"))
}

fn attributes(op: &Op) -> Map<String, Value> {
    let mut op = op.clone();
    let written = |attr: crate::attr::Attr<'_>| Some((attr.name.to_owned(), attribute(attr.value.get()?)));
    op.attrs().into_iter().filter_map(written).collect()
}

fn attribute(value: AttrValue) -> Value {
    match value {
        AttrValue::Number(v) => number(v),
        AttrValue::List(list) => list.into_iter().map(number).collect(),
        AttrValue::Text(text) => json!(text),
        AttrValue::Word(word) => word.parse::<bool>().map_or_else(|_| json!(word), |flag| json!(flag)),
    }
}

/// A whole number without a fraction where it is one.
fn number(value: f64) -> Value {
    // Up to 2^53 every whole number is a double; minus zero has to keep its sign.
    if value.fract() == 0.0 && value.abs() <= 9e15 && !(value == 0.0 && value.is_sign_negative()) {
        return json!(value as i64);
    }
    json!(value)
}

fn precision(precision: Precision) -> String {
    match precision {
        Precision::Auto => "auto".to_owned(),
        Precision::Checked(format) => format.to_string(),
        Precision::MayWrap(format) => format!("{format} may wrap"),
    }
}

fn tensor(tensor: &Tensor) -> Value {
    let shape = tensor.shape().to_vec();
    let values = tensor.values();
    if values.len() <= MAX_NUMBERS {
        let values: Value = values.iter().map(|&v| number(v)).collect();
        return json!({ "shape": shape, "values": values });
    }
    if values.iter().all(|&v| f64::from(v as f32).to_bits() == v.to_bits()) {
        let bytes: Vec<u8> = values.iter().flat_map(|&v| (v as f32).to_le_bytes()).collect();
        return json!({ "shape": shape, "f32_base64": STANDARD.encode(bytes) });
    }
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    json!({ "shape": shape, "f64_base64": STANDARD.encode(bytes) })
}
