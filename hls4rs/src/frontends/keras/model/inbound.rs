//! Which tensors a use of a layer reads, as files write it.

use serde_json::{Map, Value as Json};

use super::super::attributes::Object;

/// A tensor of a model: which layer, which use of it, which of its results.
pub(super) type Port<'a> = (&'a str, u64, u64);

/// The parameters of a call of attention, in their order; the first three are tensors.
const OF_ATTENTION: [&str; 10] = [
    "query",
    "value",
    "key",
    "query_mask",
    "value_mask",
    "key_mask",
    "attention_mask",
    "return_attention_scores",
    "training",
    "use_causal_mask",
];

/// Whether a layer of this class has a query, a value and a key.
fn is_attention(class: &str) -> bool {
    matches!(class, "QMultiHeadAttention" | "QLinformerAttention")
}

/// `["dense", 0, 0]`.
pub(super) fn port(value: &Json) -> Option<Port<'_>> {
    let list = value.as_array()?;
    Some((list.first()?.as_str()?, list.get(1)?.as_u64()?, list.get(2)?.as_u64()?))
}

/// What one use of a layer reads.
pub(super) fn inbound<'m>(class: &str, node: &'m Json) -> Result<Vec<Port<'m>>, String> {
    match node {
        // Keras 2: `[["dense", 0, 0, {}], …]`, or one of them without the list.
        Json::Array(list) => {
            let one = [node];
            let all: Vec<_> = if port(node).is_some() { one.to_vec() } else { list.iter().collect() };
            for tensor in &all {
                for (key, value) in tensor.get(3).and_then(Json::as_object).into_iter().flatten() {
                    check_argument(key, value)?;
                }
            }
            let ports: Option<Vec<_>> = all.into_iter().map(port).collect();
            ports.ok_or_else(|| "`inbound_nodes` is not a list of tensors".to_owned())
        }
        Json::Object(call) if is_attention(class) => query_value_key(call),
        // Keras 3: `{"args": […], "kwargs": {…}}` with tensors anywhere in the arguments.
        Json::Object(call) => {
            let mut ports = Vec::new();
            for argument in call.get("args").and_then(Json::as_array).into_iter().flatten() {
                tensors(argument, &mut ports, 0)?;
            }
            for (key, value) in call.get("kwargs").and_then(Json::as_object).into_iter().flatten() {
                match key.as_str() {
                    // Further tensors of a recurrent layer, which Keras 2 has among the others.
                    "initial_state" => tensors(value, &mut ports, 0)?,
                    _ => check_argument(key, value)?,
                }
            }
            Ok(ports)
        }
        _ => Err("`inbound_nodes` is not understood".to_owned()),
    }
}

/// Query, value and key, by position or by name; the value is the query and the key the value where nothing is said.
fn query_value_key(call: &Map<String, Json>) -> Result<Vec<Port<'_>>, String> {
    let args = call.get("args").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    if args.len() > OF_ATTENTION.len() {
        return Err(format!("a call of attention has {} arguments", args.len()));
    }
    let by_position = OF_ATTENTION.into_iter().zip(args);
    let kwargs = call.get("kwargs").and_then(Json::as_object).into_iter().flatten();
    let mut read = [None; 3];
    for (key, value) in by_position.chain(kwargs.map(|(key, value)| (key.as_str(), value))) {
        match OF_ATTENTION[..3].iter().position(|known| *known == key) {
            Some(at) if value.is_object() => read[at] = Some(tensor(value)?),
            Some(_) if !value.is_null() => return Err(format!("the `{key}` of a call is no tensor")),
            _ => check_argument(key, value)?,
        }
    }
    let query = read[0].ok_or("a call of attention has no query")?;
    let value = read[1].unwrap_or(query);
    Ok(vec![query, value, read[2].unwrap_or(value)])
}

/// Arguments other than tensors must be those that do nothing after training.
fn check_argument(key: &str, value: &Json) -> Result<(), String> {
    let harmless = match key {
        "training" => value.is_boolean(),
        "return_attention_scores" | "use_causal_mask" => *value == Json::Bool(false),
        _ => false,
    } || value.is_null();
    if harmless { Ok(()) } else { Err(format!("the argument `{key}` of a call is not supported")) }
}

fn tensors<'m>(value: &'m Json, ports: &mut Vec<Port<'m>>, depth: usize) -> Result<(), String> {
    match value {
        Json::Array(list) if depth < 8 => list.iter().try_for_each(|inner| tensors(inner, ports, depth + 1)),
        Json::Object(_) => {
            ports.push(tensor(value)?);
            Ok(())
        }
        Json::Null => Ok(()),
        _ => Err("an argument of a call is no tensor of the model".to_owned()),
    }
}

/// A tensor among the arguments of Keras 3.
fn tensor(value: &Json) -> Result<Port<'_>, String> {
    let tensor = Object::of(value).filter(|object| object.class == "__keras_tensor__");
    let found = tensor.and_then(|tensor| port(tensor.config.get("keras_history")?));
    found.ok_or_else(|| "an argument of a call is no tensor of the model".to_owned())
}
