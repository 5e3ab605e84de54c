//! The key that stands for hls4ml's `get_optimizer('output_rounding_saturation_mode').configure(...)`.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::nearest;
use hls4rs_ir::draft::OutputModes;
use serde_json::{Map, Value};

/// Its place is under `Model`.
pub(super) const KEY: &str = "OutputRoundingSaturationMode";

const LAYERS: &str = "Layers";
const ROUNDING: &str = "RoundingMode";
const SATURATION: &str = "SaturationMode";
const BITS: &str = "SaturationBits";

/// Reads what stands under the key.
///
/// # Errors
/// What has no meaning.
pub(super) fn read(value: &Value) -> Result<OutputModes, String> {
    let Value::Object(map) = value else { return Err(format!("expected a table of keys, found `{value}`")) };
    let keys = [LAYERS, ROUNDING, SATURATION, BITS];
    if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(match nearest(key, keys) {
            Some(near) => format!("there is no key `{key}`; is `{near}` meant?"),
            None => format!("there is no key `{key}`; expected {}", keys.join(", ")),
        });
    }
    let layers = map.get(LAYERS).and_then(Value::as_array).map(|list| list.iter().map(Value::as_str));
    let layers = layers.and_then(|list| list.map(|name| Some(name?.to_owned())).collect::<Option<Vec<_>>>());
    let layers =
        layers.ok_or_else(|| format!("`{LAYERS}`: expected a list of names and classes of layers"))?;
    let [rounding, saturation] = [ROUNDING, SATURATION].map(|key| word(map, key));
    let (rounding, saturation) = (rounding?, saturation?);
    if rounding.is_none() && saturation.is_none() {
        return Err(format!("expected `{ROUNDING}` or `{SATURATION}`, or both"));
    }
    let bits = match map.get(BITS) {
        None | Some(Value::Null) => String::new(),
        Some(bits) if saturation.is_some() => format!(",{bits}"),
        Some(_) => return Err(format!("`{BITS}` belongs to a `{SATURATION}`")),
    };
    // The words are those of types; the width has room for any number of saturated bits.
    let (round, saturate) = (rounding.unwrap_or("TRN"), saturation.unwrap_or("WRAP"));
    let format = format!("fixed<256,0,{round},{saturate}{bits}>").parse::<Format>();
    let format = format.map_err(|error| error.to_string())?;
    let overflow = saturation.map(|_| format.overflow);
    Ok(OutputModes { layers, rounding: rounding.map(|_| format.rounding), overflow })
}

fn word<'a>(map: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if word.chars().all(|c| c.is_ascii_alphabetic() || c == '_') => {
            Ok(Some(word))
        }
        Some(other) => Err(format!("`{key}`: expected a mode such as `AP_RND_CONV`, found `{other}`")),
    }
}

/// The same as a value of the configuration.
pub(super) fn written(modes: &OutputModes) -> Value {
    let mut map = Map::new();
    map.insert(LAYERS.to_owned(), modes.layers.clone().into());
    if let Some(rounding) = modes.rounding {
        map.insert(ROUNDING.to_owned(), format!("AP_{}", rounding.name()).into());
    }
    if let Some(overflow) = modes.overflow {
        map.insert(SATURATION.to_owned(), format!("AP_{}", overflow.name()).into());
        if overflow.saturated_bits() > 0 {
            map.insert(BITS.to_owned(), overflow.saturated_bits().into());
        }
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use hls4rs_fixed::{Overflow, Rounding};
    use serde_json::json;

    use super::*;

    #[test]
    fn modes_are_read_and_written() {
        let value = json!({"Layers": ["Dense", "y"], "RoundingMode": "AP_RND_CONV", "SaturationMode": "AP_WRAP",
            "SaturationBits": 2});
        let modes = read(&value).expect("valid");
        assert_eq!((modes.rounding, modes.overflow), (Some(Rounding::RndConv), Some(Overflow::Wrap(2))));
        assert_eq!(written(&modes), value);
        let only = read(&json!({"Layers": ["y"], "SaturationMode": "SAT"})).expect("valid");
        assert_eq!((only.rounding, only.overflow), (None, Some(Overflow::Sat)));
    }

    #[test]
    fn what_has_no_meaning_is_told() {
        for (value, problem) in [
            (json!("AP_SAT"), "expected a table of keys"),
            (json!({"Layers": ["y"], "RoundngMode": "RND"}), "is `RoundingMode` meant?"),
            (json!({"RoundingMode": "RND"}), "`Layers`: expected a list of names"),
            (json!({"Layers": ["y"]}), "expected `RoundingMode` or `SaturationMode`"),
            (json!({"Layers": ["y"], "RoundingMode": "AP_ROUND"}), "expected a rounding mode (TRN, "),
            (json!({"Layers": ["y"], "RoundingMode": "TRN,SAT"}), "expected a mode such as `AP_RND_CONV`"),
            (json!({"Layers": ["y"], "SaturationMode": 3}), "expected a mode such as"),
            (json!({"Layers": ["y"], "SaturationMode": "SAT", "SaturationBits": 2}), "only WRAP and WRAP_SM"),
            (json!({"Layers": ["y"], "RoundingMode": "RND", "SaturationBits": 2}), "belongs to a"),
        ] {
            let found = read(&value).expect_err("no meaning");
            assert!(found.contains(problem), "{value}: {found}");
        }
    }
}
