//! From text to a network; the text is not trusted.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{JsonError, MAX_NODES, MAX_TOTAL_ELEMENTS, VERSION};
use crate::attr::{AttrRef, AttrValue, nearest};
use crate::hardware::{Io, Strategy};
use crate::ops::{Custom, Definitions, Input, Op, Range};
use crate::{Builder, Graph, NodeId, NodeSpec, Precision, Shape, Slot, SlotMap, Tensor};

pub(super) fn graph(text: &str, definitions: &mut Definitions<'_>) -> Result<Graph, JsonError> {
    let document: Value = serde_json::from_str(text)?;
    let version = document.get("hls4rs_graph");
    if version.and_then(Value::as_u64) != Some(VERSION) {
        let found =
            version.map_or("nothing of the kind".to_owned(), |v| format!("`\"hls4rs_graph\": {}`", short(v)));
        return Err(JsonError::Version { found });
    }
    let fields = Fields::new("the network".to_owned(), &document)?;
    fields.only(&["hls4rs_graph", "name", "io", "nodes", "outputs"])?;
    let mut net = Builder::new(fields.string("name")?);
    if fields.map.contains_key("io") {
        let io = Io::from_name(fields.string("io")?);
        net.io(io.ok_or_else(|| fields.wrong("io", "expected `parallel` or `stream`"))?);
    }
    let mut ids: BTreeMap<&str, NodeId> = BTreeMap::new();
    let mut total = 0usize;
    for (n, value) in fields.list("nodes")?.iter().enumerate() {
        let name = value.get("name").and_then(Value::as_str);
        let at = name.map_or_else(|| format!("node number {n}"), |name| format!("node `{name}`"));
        let node = Fields::new(at.clone(), value)?;
        if n == MAX_NODES {
            return Err(JsonError::TooLarge { at, what: "nodes", limit: MAX_NODES });
        }
        let mut spec = node_spec(&node, &ids, definitions)?;
        let tables = table_entries(&mut spec.op);
        let id = net.add(spec);
        total = total.saturating_add(tables).saturating_add(net.shape(id).map_or(0, Shape::elements));
        if total > MAX_TOTAL_ELEMENTS {
            return Err(JsonError::TooLarge { at, what: "elements", limit: MAX_TOTAL_ELEMENTS });
        }
        ids.entry(node.string("name")?).or_insert(id);
    }
    for output in fields.list("outputs")? {
        net.output(fields.node("outputs", output, &ids)?);
    }
    let (resolved, _) = net.finish_with_warnings().map_err(JsonError::Network)?;
    Ok(resolved.graph().clone())
}

fn node_spec(
    node: &Fields<'_>,
    ids: &BTreeMap<&str, NodeId>,
    definitions: &mut Definitions<'_>,
) -> Result<NodeSpec, JsonError> {
    let keyword = node.string("op")?;
    let (op, inputs) = if keyword == "input" {
        node.only(&["name", "op", "shape", "range", "precision"])?;
        (Op::from(Input { shape: node.shape()?, range: range(node)? }), Vec::new())
    } else {
        let own: &[_] = match keyword {
            "custom" => &["layer", "shape"],
            "time_distributed" => &["layer"],
            _ => &[],
        };
        node.only(&[LAYER_FIELDS, own].concat())?;
        let inputs =
            node.list("inputs")?.iter().map(|v| node.node("inputs", v, ids)).collect::<Result<_, _>>()?;
        let op = if keyword == "custom" { custom(node, definitions)? } else { known(node, keyword)? };
        (with_attributes(node, op)?, inputs)
    };
    let mut spec = NodeSpec::new(node.string("name")?, op, &inputs);
    spec.precision = slots(node, "precision", |field, value| {
        let text = value.as_str().ok_or_else(|| node.wrong(field, "expected the text of a format"))?;
        precision(text).ok_or_else(|| {
            node.wrong(
                field,
                format!("expected `auto` or a format such as `fixed<16,6>`, found {}", short(value)),
            )
        })
    })?;
    spec.values = slots(node, "values", |field, value| {
        let at = format!("{}, `{field}`", node.at);
        tensor(&Fields::new(at, value)?)
    })?;
    if let Some(value) = node.map.get("strategy") {
        spec.strategy = value.as_str().and_then(Strategy::from_name).ok_or_else(|| {
            let names: Vec<_> = Strategy::ALL.iter().map(|s| format!("`{s}`")).collect();
            node.wrong("strategy", format!("expected one of {}", names.join(", ")))
        })?;
    }
    if node.map.contains_key("reuse_factor") {
        spec.reuse_factor = node.size("reuse_factor")?;
    }
    Ok(spec)
}

/// The fields that every layer may have.
const LAYER_FIELDS: &[&str] =
    &["name", "op", "inputs", "attributes", "precision", "values", "strategy", "reuse_factor"];

/// The layer of a keyword, and what is inside of it.
fn known(node: &Fields<'_>, keyword: &str) -> Result<Op, JsonError> {
    let mut op = layer(node, "op", keyword)?;
    if let Op::TimeDistributed(steps) = &mut op {
        *steps.layer = layer(node, "layer", node.string("layer")?)?;
    }
    Ok(op)
}

/// A layer that is defined outside of hls4rs.
fn custom(node: &Fields<'_>, definitions: &mut Definitions<'_>) -> Result<Op, JsonError> {
    let layer = node.string("layer")?;
    let definition = definitions(node.string("name")?, layer).ok_or_else(|| {
        let what = "is a layer of somebody's own: give its definition to `Graph::from_json_with`";
        node.wrong("layer", format!("`{}` {what}", cut(layer)))
    })?;
    let custom = Custom::defined(definition);
    let declared = node.map.contains_key("shape").then(|| node.shape()).transpose()?;
    Ok(declared.map_or(custom.clone(), |shape| custom.with_shape(shape)).into())
}

fn with_attributes(node: &Fields<'_>, mut op: Op) -> Result<Op, JsonError> {
    let Some(attributes) = node.map.get("attributes") else {
        return Ok(op);
    };
    let written = Fields::new(format!("{}, `attributes`", node.at), attributes)?;
    let mut attrs = op.attrs();
    written.only(&attrs.iter().map(|attr| attr.name).collect::<Vec<_>>())?;
    for attr in &mut attrs {
        let Some(value) = written.map.get(attr.name) else { continue };
        let read = match (&attr.value, attribute(value)) {
            (AttrRef::Text(_), Some(AttrValue::Word(text))) => Some(AttrValue::Text(text)),
            (_, read) => read,
        };
        let done = read.ok_or_else(|| attr.value.expected()).and_then(|value| attr.value.set(&value));
        done.map_err(|expected| {
            written.wrong(attr.name, format!("expected {expected}, found {}", short(value)))
        })?;
    }
    drop(attrs);
    Ok(op)
}

fn layer(node: &Fields<'_>, field: &str, keyword: &str) -> Result<Op, JsonError> {
    Op::from_keyword(keyword).ok_or_else(|| {
        let meant = nearest(keyword, Op::KEYWORDS.iter().copied());
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        node.wrong(field, format!("there is no layer `{}`{meant}", cut(keyword)))
    })
}

fn attribute(value: &Value) -> Option<AttrValue> {
    match value {
        Value::Number(_) => value.as_f64().map(AttrValue::Number),
        Value::Array(list) => list.iter().map(Value::as_f64).collect::<Option<_>>().map(AttrValue::List),
        Value::String(word) => Some(AttrValue::Word(word.clone())),
        Value::Bool(flag) => Some(AttrValue::Word(flag.to_string())),
        _ => None,
    }
}

/// Table entries that the layer will compute.
fn table_entries(op: &mut Op) -> usize {
    let number = |value| if let Some(AttrValue::Number(v)) = value { v as usize } else { 0 };
    let attrs = op.attrs();
    // A layer has two tables at most.
    attrs.iter().filter(|a| a.name.ends_with("table_size")).map(|a| number(a.value.get())).sum::<usize>() * 2
}

fn range(node: &Fields<'_>) -> Result<Option<Range>, JsonError> {
    let Some(value) = node.map.get("range") else { return Ok(None) };
    let range = Fields::new(format!("{}, `range`", node.at), value)?;
    range.only(&["lo", "hi", "inclusive"])?;
    let end = |field| range.get(field)?.as_f64().ok_or_else(|| range.wrong(field, "expected a number"));
    let inclusive = range.get("inclusive")?.as_bool();
    let inclusive = inclusive.ok_or_else(|| range.wrong("inclusive", "expected `true` or `false`"))?;
    Ok(Some(Range { lo: end("lo")?, hi: end("hi")?, inclusive }))
}

fn precision(text: &str) -> Option<Precision> {
    if text == "auto" {
        return Some(Precision::Auto);
    }
    match text.strip_suffix(" may wrap") {
        Some(format) => format.parse().ok().map(Precision::MayWrap),
        None => text.parse().ok().map(Precision::Checked),
    }
}

fn slots<T>(
    node: &Fields<'_>,
    field: &str,
    read: impl Fn(&str, &Value) -> Result<T, JsonError>,
) -> Result<SlotMap<T>, JsonError> {
    let Some(value) = node.map.get(field) else { return Ok(SlotMap::default()) };
    let object = value.as_object().ok_or_else(|| node.wrong(field, "expected an object"))?;
    let entry = |(name, value): (&String, &Value)| {
        let field = format!("{field}.{}", cut(name));
        let slot = Slot::from_name(name).ok_or_else(|| node.wrong(&field, "there is no such slot"))?;
        Ok((slot, read(&field, value)?))
    };
    object.iter().map(entry).collect()
}

fn tensor(fields: &Fields<'_>) -> Result<Tensor, JsonError> {
    fields.only(&["shape", "values", "f32_base64", "f64_base64"])?;
    let shape = fields.shape()?;
    let single = |b: &[u8]| b.try_into().ok().map(|b| f64::from(f32::from_le_bytes(b)));
    let double = |b: &[u8]| b.try_into().ok().map(f64::from_le_bytes);
    let (field, values) =
        match (fields.map.get("values"), fields.map.get("f32_base64"), fields.map.get("f64_base64")) {
            (Some(_), None, None) => ("values", fields.list("values")?.iter().map(Value::as_f64).collect()),
            (None, Some(_), None) => ("f32_base64", decode(fields.string("f32_base64")?, 4, single)),
            (None, None, Some(_)) => ("f64_base64", decode(fields.string("f64_base64")?, 8, double)),
            _ => return Err(fields.wrong("values", "expected one of `values`, `f32_base64`, `f64_base64`")),
        };
    let expected = shape.elements();
    let values: Vec<f64> =
        values.ok_or_else(|| fields.wrong(field, format!("expected {expected} numbers")))?;
    let found = values.len();
    Tensor::new(shape, values)
        .map_err(|_| fields.wrong(field, format!("expected {expected} numbers, found {found}")))
}

fn decode(text: &str, size: usize, number: impl Fn(&[u8]) -> Option<f64>) -> Option<Vec<f64>> {
    STANDARD.decode(text).ok()?.chunks(size).map(number).collect()
}

/// An object of the document, and where it is.
struct Fields<'a> {
    at: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn new(at: String, value: &'a Value) -> Result<Self, JsonError> {
        match value.as_object() {
            Some(map) => Ok(Self { at, map }),
            None => {
                let what = format!("expected an object, found {}", short(value));
                Err(JsonError::Field { at, field: "{}".to_owned(), what })
            }
        }
    }

    fn wrong(&self, field: &str, what: impl Into<String>) -> JsonError {
        JsonError::Field { at: self.at.clone(), field: field.to_owned(), what: what.into() }
    }

    /// Rejects every field that is not one of `names`.
    fn only(&self, names: &[&str]) -> Result<(), JsonError> {
        let Some(unknown) = self.map.keys().find(|name| !names.contains(&name.as_str())) else {
            return Ok(());
        };
        let meant = nearest(unknown, names.iter().copied());
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        Err(self.wrong(cut(unknown), format!("there is no such field{meant}")))
    }

    fn get(&self, field: &str) -> Result<&'a Value, JsonError> {
        self.map.get(field).ok_or_else(|| self.wrong(field, "is missing"))
    }

    fn string(&self, field: &str) -> Result<&'a str, JsonError> {
        let value = self.get(field)?;
        value.as_str().ok_or_else(|| self.wrong(field, format!("expected a text, found {}", short(value))))
    }

    fn list(&self, field: &str) -> Result<&'a [Value], JsonError> {
        let value = self.get(field)?;
        let list = value.as_array().map(Vec::as_slice);
        list.ok_or_else(|| self.wrong(field, format!("expected a list, found {}", short(value))))
    }

    fn size(&self, field: &str) -> Result<usize, JsonError> {
        let value = self.get(field)?;
        let size = value.as_u64().and_then(|v| usize::try_from(v).ok());
        size.ok_or_else(|| self.wrong(field, format!("expected a whole number, found {}", short(value))))
    }

    fn shape(&self) -> Result<Shape, JsonError> {
        let value = self.get("shape")?;
        let extent = |v: &Value| v.as_u64().and_then(|v| usize::try_from(v).ok());
        let extents = value.as_array().and_then(|list| list.iter().map(extent).collect::<Option<Vec<_>>>());
        let extents = extents.ok_or_else(|| {
            self.wrong("shape", format!("expected a list of whole numbers, found {}", short(value)))
        })?;
        Shape::new(&extents).map_err(|error| self.wrong("shape", error.to_string()))
    }

    fn node(&self, field: &str, value: &Value, ids: &BTreeMap<&str, NodeId>) -> Result<NodeId, JsonError> {
        let name = value.as_str();
        name.and_then(|name| ids.get(name)).copied().ok_or_else(|| {
            let meant = name.and_then(|name| nearest(cut(name), ids.keys().copied()));
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            self.wrong(field, format!("expected the name of an earlier node, found {}{meant}", short(value)))
        })
    }
}

/// The beginning of a word that may be of any length.
fn cut(word: &str) -> &str {
    word.char_indices().nth(40).map_or(word, |(end, _)| &word[..end])
}

/// A value in a message.
fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => format!("`{}`", cut(text)),
        other => other.to_string(),
    }
}
