//! Reading configurations: hls4ml's layout as JSON, YAML or TOML.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs_ir::attr::nearest;
use hls4rs_ir::draft::{Asked, Config, OutputModes, Section, Setting, Type};
use hls4rs_ir::precision::snake_case;
use serde_json::{Map, Value};

use super::ProjectConfig;
use super::keys::{OF_THE_MODEL, PROJECT, SETTINGS, TYPES, VARIABLES, without_effect};
use super::modes;

/// Why a configuration cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is of a kind that is not known.
    #[error("{}: a configuration is a `.json`, `.yml`, `.yaml` or `.toml` file", path.display())]
    Kind {
        /// Which one.
        path: PathBuf,
    },
    /// The contents of a file.
    #[error("{}: {source}", path.display())]
    Contents {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<ConfigError>,
    },
    /// No JSON, YAML or TOML.
    #[error("the configuration is not valid {language}: {reason}")]
    Syntax {
        /// Which of them it should be.
        language: &'static str,
        /// What the reader says, with the place.
        reason: String,
    },
    /// Keys and values without a meaning, all of them.
    #[error("{}", .0.join("\n"))]
    Meaning(Vec<String>),
}

/// A configuration as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadConfig {
    /// The part that concerns the network.
    pub config: Config,
    /// The part that concerns the project.
    pub project: ProjectConfig,
    /// Keys that have no effect.
    pub warnings: Vec<String>,
}

/// Reads a file by its extension.
///
/// # Errors
/// If it cannot be read, or says what has no meaning.
pub fn config_from_file(path: impl AsRef<Path>) -> Result<ReadConfig, ConfigError> {
    let path = path.as_ref();
    let text =
        || std::fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source });
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => config_from_json(&text()?),
        Some("yml" | "yaml") => config_from_yaml(&text()?),
        Some("toml") => config_from_toml(&text()?),
        _ => return Err(ConfigError::Kind { path: path.to_owned() }),
    };
    read.map_err(|source| ConfigError::Contents { path: path.to_owned(), source: Box::new(source) })
}

/// Reads hls4ml's dictionary as JSON.
///
/// # Errors
/// If it is not valid, or says what has no meaning.
pub fn config_from_json(text: &str) -> Result<ReadConfig, ConfigError> {
    config_from_value(&serde_json::from_str(text).map_err(|e| syntax("JSON", e))?)
}

/// Reads hls4ml's YAML file.
///
/// # Errors
/// If it is not valid, or says what has no meaning.
pub fn config_from_yaml(text: &str) -> Result<ReadConfig, ConfigError> {
    config_from_value(&serde_saphyr::from_str(text).map_err(|e| syntax("YAML", e))?)
}

/// Reads the same keys as TOML.
///
/// # Errors
/// If it is not valid, or says what has no meaning.
pub fn config_from_toml(text: &str) -> Result<ReadConfig, ConfigError> {
    config_from_value(&toml::from_str(text).map_err(|e| syntax("TOML", e))?)
}

fn syntax(language: &'static str, error: impl ToString) -> ConfigError {
    ConfigError::Syntax { language, reason: error.to_string() }
}

/// Reads hls4ml's dictionary.
///
/// Beside hls4ml's keys there may be one under `Model` for what a program tells hls4ml's pass
/// `output_rounding_saturation_mode`: modes for the results of layers, listed by name or class, and for their sums,
/// which then have the type of the result.
///
/// ```
/// # use hls4rs::frontends::config_from_json;
/// let read = config_from_json(
///     r#"{"Model": {"Precision": "fixed<16,6>", "OutputRoundingSaturationMode": {
///         "Layers": ["Dense", "fc1_relu"], "RoundingMode": "AP_RND_CONV", "SaturationMode": "AP_SAT"}}}"#,
/// )?;
/// assert!(read.config.output_modes.is_some());
/// # Ok::<(), hls4rs::frontends::ConfigError>(())
/// ```
///
/// # Errors
/// Every key and value without a meaning.
pub fn config_from_value(value: &Value) -> Result<ReadConfig, ConfigError> {
    let mut reader = Reader { problems: Vec::new(), read: ReadConfig::default() };
    match value {
        Value::Null => {}
        Value::Object(map) => reader.top(map),
        other => reader.problems.push(format!("a configuration is a table of keys, not `{other}`")),
    }
    match reader.problems.is_empty() {
        true => Ok(reader.read),
        false => Err(ConfigError::Meaning(reader.problems)),
    }
}

/// hls4ml's dictionary of a configuration; what reading it gives is the configuration again.
pub fn config_to_value(config: &Config) -> Value {
    let sections = |all: &BTreeMap<String, Section>| -> Map<String, Value> {
        all.iter().map(|(name, section)| (name.clone(), written(section))).collect()
    };
    let mut map = Map::new();
    let mut model = written(&config.model);
    if let (Some(modes), Value::Object(model)) = (&config.output_modes, &mut model) {
        model.insert(modes::KEY.to_owned(), modes::written(modes));
    }
    map.insert("Model".to_owned(), model);
    for (key, all) in [("LayerType", &config.by_class), ("LayerName", &config.by_name)] {
        if !all.is_empty() {
            map.insert(key.to_owned(), Value::Object(sections(all)));
        }
    }
    Value::Object(map)
}

fn written(section: &Section) -> Value {
    let asked = |asked: &Asked| match asked {
        Asked::Auto => Value::from("auto"),
        Asked::Type(ty) => Value::from(ty.to_string()),
    };
    let mut map = Map::new();
    if !section.precision.is_empty() {
        let precision = section.precision.iter().map(|(variable, ty)| (variable.clone(), asked(ty)));
        map.insert("Precision".to_owned(), Value::Object(precision.collect()));
    }
    map.extend(section.types.iter().map(|(name, ty)| (format!("{name}_t"), asked(ty))));
    for (key, setting) in &section.settings {
        let value = match setting {
            Setting::Flag(flag) => Value::from(*flag),
            Setting::Word(word) => Value::from(word.clone()),
            Setting::Number(v) if v.fract() == 0.0 && v.abs() < 1e15 => Value::from(*v as i64),
            Setting::Number(v) => Value::from(*v),
        };
        map.insert(pascal_case(key), value);
    }
    Value::Object(map)
}

struct Reader {
    problems: Vec<String>,
    read: ReadConfig,
}

impl Reader {
    fn top(&mut self, map: &Map<String, Value>) {
        for (key, value) in map {
            match (key.as_str(), value) {
                ("HLSConfig", Value::Object(inner)) => self.top(inner),
                ("Model", Value::Object(inner)) => {
                    let usual = self.read.config.model.clone();
                    let mut inner = inner.clone();
                    self.read.config.output_modes =
                        inner.remove(modes::KEY).and_then(|value| self.output_modes(&value));
                    let mut model = self.section("Model", &inner);
                    self.of_the_model(&mut model);
                    for (variable, asked) in usual.precision {
                        model.precision.entry(variable).or_insert(asked);
                    }
                    self.read.config.model = model;
                }
                ("LayerType", Value::Object(inner)) => self.read.config.by_class = self.sections(key, inner),
                ("LayerName", Value::Object(inner)) => self.read.config.by_name = self.sections(key, inner),
                ("HLSConfig" | "Model" | "LayerType" | "LayerName", Value::Null) => {}
                ("Strategy", _) => {
                    let words = "`Strategy` has no effect here; it belongs under `Model` or under a layer";
                    self.read.warnings.push(words.to_owned());
                }
                (known, value) if PROJECT.contains(&known) => {
                    if let Err(expected) = self.read.project.take(known, value) {
                        self.problems.push(format!("`{key}`: expected {expected}, found `{value}`"));
                    }
                }
                ("HLSConfig" | "Model" | "LayerType" | "LayerName", other) => {
                    self.problems.push(format!("`{key}`: expected a table of keys, found `{other}`"));
                }
                _ => {
                    let known = ["HLSConfig", "Model", "LayerType", "LayerName"];
                    self.unknown("", key, known.iter().chain(PROJECT).map(|word| (*word).to_owned()));
                }
            }
        }
    }

    fn sections(&mut self, of: &str, map: &Map<String, Value>) -> BTreeMap<String, Section> {
        let mut sections = BTreeMap::new();
        for (name, value) in map {
            match value {
                Value::Object(inner) => {
                    let section = self.section(&format!("{of}.{name}"), inner);
                    sections.insert(name.clone(), section);
                }
                Value::Null => {}
                other => {
                    self.problems.push(format!("`{of}.{name}`: expected a table of keys, found `{other}`"));
                }
            }
        }
        sections
    }

    fn section(&mut self, place: &str, map: &Map<String, Value>) -> Section {
        let mut section = Section::default();
        for (key, value) in map {
            let here = format!("{place}.{key}");
            let snake = snake_case(key);
            let ty = snake.strip_suffix("_t").filter(|name| TYPES.contains(name));
            if snake == "precision" {
                self.precision(&here, value, &mut section);
            } else if let Some(name) = ty {
                if let Some(asked) = self.asked(&here, value) {
                    section.types.insert(name.to_owned(), asked);
                }
            } else if SETTINGS.contains(&snake.as_str()) {
                if let Some(setting) = self.setting(&here, &snake, value) {
                    section.settings.insert(snake, setting);
                }
            } else {
                self.unknown(place, key, SETTINGS.iter().chain(&["precision"]).map(|word| pascal_case(word)));
            }
        }
        section
    }

    /// Takes what concerns the project out of the model's section.
    fn of_the_model(&mut self, model: &mut Section) {
        match self.read.project.take_settings(|key| model.settings.remove(key)) {
            Ok(warning) => self.read.warnings.extend(warning.map(str::to_owned)),
            Err((key, expected)) => {
                self.problems.push(format!("`Model.{}`: expected {expected}", pascal_case(key)));
            }
        }
    }

    fn output_modes(&mut self, value: &Value) -> Option<OutputModes> {
        let read = modes::read(value);
        read.map_err(|problem| self.problems.push(format!("`Model.{}`: {problem}", modes::KEY))).ok()
    }

    fn setting(&mut self, here: &str, key: &str, value: &Value) -> Option<Setting> {
        let setting = match value {
            Value::Bool(flag) => Setting::Flag(*flag),
            Value::Number(number) => Setting::Number(number.as_f64()?),
            Value::String(word) => Setting::Word(word.clone()),
            Value::Null => return None,
            // Only what has no effect is a list: shapes of PyTorch models, options of a compiler.
            Value::Array(_) | Value::Object(_) => Setting::Flag(true),
        };
        if let Some(why) = without_effect(key, &setting) {
            self.read.warnings.push(format!("`{here}` has no effect: {why}"));
            return None;
        }
        if OF_THE_MODEL.contains(&key) && !here.starts_with("Model.") {
            self.read.warnings.push(format!("`{here}` has no effect; it belongs under `Model`"));
            return None;
        }
        if value.is_array() || value.is_object() {
            self.problems.push(format!("`{here}`: expected a number or a word, found `{value}`"));
            return None;
        }
        Some(setting)
    }

    fn precision(&mut self, place: &str, value: &Value, section: &mut Section) {
        let Value::Object(map) = value else {
            if let Some(asked) = self.asked(place, value) {
                section.precision.insert("default".to_owned(), asked);
            }
            return;
        };
        for (variable, value) in map {
            if !VARIABLES.contains(&variable.as_str()) {
                self.unknown(place, variable, VARIABLES.iter().map(|word| (*word).to_owned()));
            } else if let Some(asked) = self.asked(&format!("{place}.{variable}"), value) {
                section.precision.insert(variable.clone(), asked);
            }
        }
    }

    fn asked(&mut self, place: &str, value: &Value) -> Option<Asked> {
        let text = match value {
            Value::String(text) => text,
            Value::Null => return None,
            other => {
                self.problems
                    .push(format!("`{place}`: expected a type such as `fixed<16,6>`, found `{other}`"));
                return None;
            }
        };
        if text.trim().eq_ignore_ascii_case("auto") {
            return Some(Asked::Auto);
        }
        let parsed = text.parse::<Type>();
        parsed.map(Asked::Type).map_err(|error| self.problems.push(format!("`{place}`: {error}"))).ok()
    }

    fn unknown(&mut self, place: &str, key: &str, known: impl Iterator<Item = String>) {
        let place = if place.is_empty() { String::new() } else { format!("`{place}`: ") };
        let known: BTreeMap<_, _> = known.map(|known| (snake_case(&known), known)).collect();
        let near = nearest(&snake_case(key), known.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => format!("{place}there is no key `{key}`; is `{}` meant?", known[near]),
            None => format!("{place}there is no key `{key}`"),
        });
    }
}

/// `reuse_factor` as `ReuseFactor`.
fn pascal_case(word: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    word.split('_').filter(|part| !part.is_empty()).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_languages_say_the_same() {
        let yaml = "HLSConfig:\n  Model:\n    Precision: ap_fixed<16,6>\n    ReuseFactor: 2\n  LayerName:\n    fc1:\n      \
                    Precision:\n        weight: fixed<8,2>\n        result: auto\n      Strategy: Resource\n";
        let toml = "[Model]\nPrecision = \"ap_fixed<16,6>\"\nReuseFactor = 2\n[LayerName.fc1]\nStrategy = \"Resource\"\n\
                    [LayerName.fc1.Precision]\nweight = \"fixed<8,2>\"\nresult = \"auto\"\n";
        let json = r#"{"Model": {"Precision": {"default": "fixed<16,6>"}, "ReuseFactor": 2},
            "LayerName": {"fc1": {"Precision": {"weight": "fixed<8,2>", "result": "auto"}, "Strategy": "Resource"}}}"#;
        let json = config_from_json(json).expect("valid");
        assert_eq!(config_from_yaml(yaml).expect("valid"), json);
        assert_eq!(config_from_toml(toml).expect("valid"), json);
        assert_eq!(json.config.by_name["fc1"].precision["result"], Asked::Auto);
    }

    #[test]
    fn a_configuration_can_be_written_and_read_again() {
        let read = config_from_json(
            r#"{"Model": {"Precision": {"default": "fixed<16,6>", "maximum": "fixed<24,10>"}, "ReuseFactor": 2,
                "OutputRoundingSaturationMode": {"Layers": ["y"], "RoundingMode": "AP_RND"}},
            "LayerType": {"Dense": {"Strategy": "Resource"}},
            "LayerName": {"y": {"Precision": {"result": "auto"}, "Skip": true, "table_t": "fixed<18,8,RND,SAT>"}}}"#,
        );
        let config = read.expect("valid").config;
        let again = config_from_value(&config_to_value(&config)).expect("valid");
        assert_eq!(again.config, config);
        assert!(config.output_modes.as_ref().is_some_and(|modes| modes.asks()));
        assert_eq!(config_to_value(&config)["LayerName"]["y"]["table_t"], "fixed<18,8,RND,SAT>");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = r#"{"Modle": {}, "Model": {"Precision": {"defualt": "fixed<16,6>", "weight": "float"}},
            "LayerName": {"fc1": {"ReuseFacotr": 2, "Precision": "fixed<16>"}}}"#;
        let error = config_from_json(text).expect_err("five faults").to_string();
        assert_eq!(
            error,
            "`LayerName.fc1.Precision`: expected `,` and the integer bits, found `>`\n  fixed<16>\n          ^\n\
             `LayerName.fc1`: there is no key `ReuseFacotr`; is `ReuseFactor` meant?\n\
             `Model.Precision`: there is no key `defualt`; is `default` meant?\n\
             `Model.Precision.weight`: `float` is a floating-point type; only fixed-point and integer types can be \
             simulated and emitted\n\
             there is no key `Modle`; is `Model` meant?"
        );
    }
}
