//! Which tensors a use of a layer reads, as files write it.

use serde_json::Value as Json;

use super::super::attributes::Object;

/// A tensor of a model: which layer, which use of it, which of its results.
pub(super) type Port<'a> = (&'a str, u64, u64);

/// `["dense", 0, 0]`.
pub(super) fn port(value: &Json) -> Option<Port<'_>> {
    let list = value.as_array()?;
    Some((list.first()?.as_str()?, list.get(1)?.as_u64()?, list.get(2)?.as_u64()?))
}

/// What one use of a layer reads.
pub(super) fn inbound(node: &Json) -> Result<Vec<Port<'_>>, String> {
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

/// Arguments other than tensors must be those that do nothing after training.
fn check_argument(key: &str, value: &Json) -> Result<(), String> {
    let harmless = value.is_null() || (key == "training" && value.is_boolean());
    if harmless { Ok(()) } else { Err(format!("the argument `{key}` of a call is not supported")) }
}

fn tensors<'m>(value: &'m Json, ports: &mut Vec<Port<'m>>, depth: usize) -> Result<(), String> {
    match value {
        Json::Array(list) if depth < 8 => list.iter().try_for_each(|inner| tensors(inner, ports, depth + 1)),
        Json::Object(_) => {
            let tensor = Object::of(value).filter(|object| object.class == "__keras_tensor__");
            let found = tensor.and_then(|tensor| port(tensor.config.get("keras_history")?));
            ports.push(found.ok_or("an argument of a call is no tensor of the model")?);
            Ok(())
        }
        Json::Null => Ok(()),
        _ => Err("an argument of a call is no tensor of the model".to_owned()),
    }
}
