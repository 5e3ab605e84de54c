//! The quantizers of QKeras, written as objects or as calls.

use hls4rs_ir::Slot;
use hls4rs_ir::draft::{Alpha, DraftNode, Quantizer};
use serde_json::{Map, Number, Value as Json};

use super::attributes::{Attributes, Object, brief};

/// The most bits of a quantized value.
const MAX_BITS: u32 = 64;

/// The arguments of each quantizer in the order of a call, as QKeras 0.9 has them.
const ARGUMENTS: &[(&str, &[&str])] = &[
    (
        "quantized_bits",
        &["bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding"],
    ),
    (
        "quantized_relu",
        &["bits", "integer", "use_sigmoid", "negative_slope", "use_stochastic_rounding", "relu_upper_bound"],
    ),
    ("quantized_tanh", &["bits", "use_stochastic_rounding", "symmetric", "use_real_tanh"]),
    ("quantized_sigmoid", &["bits", "symmetric", "use_real_sigmoid", "use_stochastic_rounding"]),
    ("quantized_po2", &["bits", "max_value", "use_stochastic_rounding", "quadratic_approximation"]),
    ("binary", &["use_01", "alpha", "use_stochastic_rounding"]),
    ("stochastic_binary", &["alpha"]),
    ("ternary", &["alpha", "threshold", "use_stochastic_rounding", "number_of_unrolls"]),
    ("stochastic_ternary", &["alpha", "threshold"]),
    ("binary_tanh", &[]),
    ("ternary_tanh", &[]),
];

/// Sets the quantizers that the attributes of a layer give to its slots.
pub(super) struct Quantizers(Vec<(Slot, Quantizer)>);

impl Quantizers {
    /// Reads the attributes; those that are missing or `null` give none.
    pub(super) fn of<const N: usize>(attributes: &Attributes<'_>, keys: [(Slot, &'static str); N]) -> Self {
        let read = |(slot, key)| {
            let written = attributes.value(key)?;
            let quantizer = Written::of(written).and_then(|written| written.quantizer(attributes, key));
            if quantizer.is_none() && attributes.is_sound() {
                attributes.wrong(key, format!("expected a quantizer of QKeras, found {}", brief(written)));
            }
            let mut quantizer = quantizer?;
            // hls4ml keeps the signs of a kernel in one bit, and those of anything else in two.
            if let Quantizer::Binary { one_bit, .. } = &mut quantizer {
                *one_bit = key == "kernel_quantizer";
            }
            Some((slot, quantizer))
        };
        Self(keys.into_iter().filter_map(read).collect())
    }

    /// Gives them to a node.
    pub(super) fn set(self, node: &mut DraftNode) {
        for (slot, quantizer) in self.0 {
            node.quantizers.set(slot, quantizer);
        }
    }
}

/// A quantizer as it is written: its class and its arguments.
pub(super) struct Written {
    /// The class.
    pub(super) class: String,
    config: Map<String, Json>,
}

impl Written {
    /// An object, or a text such as `quantized_relu(4, 0)`; `None` if it is neither.
    pub(super) fn of(value: &Json) -> Option<Self> {
        match value {
            Json::String(text) => Self::call(text),
            value => {
                let object = Object::of(value)?;
                Some(Self { class: object.class.to_owned(), config: object.config.clone() })
            }
        }
    }

    /// A call in the syntax of Python.
    pub(super) fn call(text: &str) -> Option<Self> {
        let (class, arguments) = match text.trim().split_once('(') {
            None => (text.trim(), ""),
            Some((class, rest)) => (class.trim(), rest.strip_suffix(')')?),
        };
        let (_, names) = ARGUMENTS.iter().find(|(name, _)| *name == class)?;
        let mut config = Map::new();
        let arguments = arguments.split(',').map(str::trim).filter(|argument| !argument.is_empty());
        for (at, argument) in arguments.enumerate() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name.trim(), value.trim()),
                None => (*names.get(at)?, argument),
            };
            config.insert(name.to_owned(), literal(value)?);
        }
        Some(Self { class: class.to_owned(), config })
    }

    /// The arguments, of which everything that is not understood is reported for the layer.
    pub(super) fn arguments<T>(
        &self,
        outer: &Attributes<'_>,
        key: &'static str,
        read: impl FnOnce(&Attributes<'_>) -> T,
    ) -> T {
        let object = Object { class: &self.class, raw: &self.config, config: &self.config };
        let attributes = Attributes::new(outer.layer(), object);
        // Stochastic rounding and noise are for training.
        attributes.ignore(&[
            "use_stochastic_rounding",
            "qnoise_factor",
            "var_name",
            "use_ste",
            "use_variables",
            "number_of_unrolls",
            "temperature",
            "use_real_sigmoid",
            "use_real_tanh",
            "scale_axis",
            "elements_per_scale",
            "min_po2_exponent",
            "max_po2_exponent",
            "post_training_scale",
        ]);
        let result = read(&attributes);
        outer.include(
            attributes.finish().into_iter().map(|problem| problem.within(outer.class(), key)).collect(),
        );
        result
    }

    /// The quantizer.
    pub(super) fn quantizer(&self, outer: &Attributes<'_>, key: &'static str) -> Option<Quantizer> {
        let class = self.class.as_str();
        if !ARGUMENTS.iter().any(|(name, _)| *name == class) {
            outer.wrong(key, format!("the quantizer `{class}` is not supported"));
            return None;
        }
        Some(self.arguments(outer, key, |attributes| quantizer(class, attributes)))
    }
}

fn quantizer(class: &str, attributes: &Attributes<'_>) -> Quantizer {
    let bits = |usual| bits(attributes, usual);
    match class {
        "quantized_bits" => Quantizer::QuantizedBits {
            bits: bits(8),
            integer: integer(attributes),
            keep_negative: attributes.flag("keep_negative", true),
            symmetric: attributes.flag("symmetric", false),
            alpha: alpha(attributes),
        },
        "quantized_relu" => {
            if attributes.flag("use_sigmoid", false) {
                attributes.wrong("use_sigmoid", "only 0 is supported");
            }
            if attributes.value("relu_upper_bound").is_some() {
                attributes.wrong("relu_upper_bound", "is not supported");
            }
            attributes.ignore(&["is_quantized_clip"]);
            let negative_slope = attributes.optional_real("negative_slope").unwrap_or(0.0);
            Quantizer::QuantizedRelu { bits: bits(8), integer: integer(attributes), negative_slope }
        }
        "quantized_tanh" => {
            Quantizer::QuantizedTanh { bits: bits(8), symmetric: attributes.flag("symmetric", false) }
        }
        "quantized_sigmoid" => {
            attributes.ignore(&["symmetric"]);
            Quantizer::QuantizedSigmoid { bits: bits(8) }
        }
        "quantized_po2" => {
            if attributes.flag("quadratic_approximation", false) {
                attributes.wrong("quadratic_approximation", "is not supported");
            }
            attributes.only("log2_rounding", &"rnd".into());
            Quantizer::PowerOfTwo { bits: bits(8), max_value: attributes.optional_real("max_value") }
        }
        "binary_tanh" => Quantizer::Binary { alpha: Alpha::None, one_bit: false },
        "ternary_tanh" => Quantizer::Ternary { alpha: Alpha::None, threshold: None },
        class if class.ends_with("binary") => {
            if attributes.flag("use_01", false) {
                attributes.wrong("use_01", "only false is supported");
            }
            Quantizer::Binary { alpha: alpha(attributes), one_bit: false }
        }
        _ => {
            Quantizer::Ternary { alpha: alpha(attributes), threshold: attributes.optional_real("threshold") }
        }
    }
}

fn bits(attributes: &Attributes<'_>, usual: u32) -> u32 {
    if !attributes.has("bits") {
        return usual;
    }
    let bits = attributes.size("bits");
    let found = u32::try_from(bits).ok().filter(|bits| *bits <= MAX_BITS);
    found.unwrap_or_else(|| {
        attributes.wrong("bits", format!("expected at most {MAX_BITS}, found {bits}"));
        usual
    })
}

fn integer(attributes: &Attributes<'_>) -> i32 {
    let integer = if attributes.has("integer") { attributes.integer("integer") } else { 0 };
    let found = i32::try_from(integer).ok().filter(|i| i.unsigned_abs() <= MAX_BITS);
    found.unwrap_or_else(|| {
        attributes.wrong("integer", format!("expected at most {MAX_BITS}, found {integer}"));
        0
    })
}

fn alpha(attributes: &Attributes<'_>) -> Alpha {
    let Some(value) = attributes.value("alpha") else { return Alpha::None };
    let number = |value: &Json| value.as_f64().filter(|v| v.is_finite());
    let list = |value: &Json| value.as_array()?.iter().map(number).collect::<Option<Vec<_>>>();
    match (value.as_str(), number(value), list(value)) {
        (Some("auto"), ..) => Alpha::Auto,
        (Some("auto_po2"), ..) => Alpha::AutoPo2,
        (_, Some(alpha), _) => Alpha::Value(alpha),
        (_, _, Some(alphas)) => Alpha::Values(alphas),
        _ => {
            attributes.wrong("alpha", format!("expected a number, auto or auto_po2, found {}", brief(value)));
            Alpha::None
        }
    }
}

/// A literal of Python.
fn literal(text: &str) -> Option<Json> {
    Some(match text {
        "None" => Json::Null,
        "True" => Json::Bool(true),
        "False" => Json::Bool(false),
        text => {
            let quoted = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
            match quoted('"').or_else(|| quoted('\'')) {
                Some(word) => Json::String(word.to_owned()),
                None => match text.parse::<i64>() {
                    Ok(number) => number.into(),
                    Err(_) => Json::Number(Number::from_f64(text.parse().ok()?)?),
                },
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_as_python_reads_them() {
        let written = Written::call("quantized_bits(4, integer=0, alpha='auto_po2')").expect("a call");
        assert_eq!(written.class, "quantized_bits");
        let config = Json::Object(written.config);
        assert_eq!(config.to_string(), r#"{"alpha":"auto_po2","bits":4,"integer":0}"#);
        assert_eq!(Written::call("binary").map(|written| written.class).as_deref(), Some("binary"));
        assert!(Written::call("quantized_relu(3").is_none());
        assert!(Written::call("system('ls')").is_none());
    }
}
