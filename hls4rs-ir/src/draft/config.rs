//! What the user wants of a network from a file: hls4ml's configuration as data, and its order of look-up.

mod generate;
mod modes;

use std::collections::BTreeMap;

pub use generate::Granularity;
pub use modes::OutputModes;

use super::{DraftNode, Role, Type};

/// A precision as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To be derived.
    Auto,
    /// This type.
    Type(Type),
}

impl Asked {
    /// The type, unless it is to be derived.
    pub fn ty(self) -> Option<Type> {
        match self {
            Self::Auto => None,
            Self::Type(ty) => Some(ty),
        }
    }
}

/// A value of a key that is neither a precision nor a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A word.
    Word(String),
}

impl Setting {
    /// The value as a whole number of at least one; hls4ml also takes numbers in quotes.
    pub fn size(&self) -> Option<usize> {
        match self {
            Self::Number(v) if v.fract() == 0.0 && (1.0..=1e9).contains(v) => Some(*v as usize),
            Self::Word(word) => word.parse().ok().filter(|&n| n > 0),
            _ => None,
        }
    }

    /// The value as a word.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The value as a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(v) => Some(*v),
            _ => None,
        }
    }

    /// Whether the value is a yes.
    pub fn is_set(&self) -> bool {
        matches!(self, Self::Flag(true)) || matches!(self, Self::Number(v) if *v != 0.0)
    }
}

/// What is said of the model, of a class of layers or of one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// By variable (`weight`, `accum`, `result`, ..., `default`; for the model also `maximum`).
    pub precision: BTreeMap<String, Asked>,
    /// Types that are attributes of the layer and not precisions: `table`, `exp_table`, `accum`, ... (key `table_t`).
    pub types: BTreeMap<String, Asked>,
    /// Every other key in snake case: `reuse_factor`, `strategy`, `table_size`, ....
    pub settings: BTreeMap<String, Setting>,
}

impl Section {
    /// The precision of everything that is not named.
    pub fn default_precision(mut self, asked: Asked) -> Self {
        self.precision.insert("default".to_owned(), asked);
        self
    }

    /// The precision of one variable.
    pub fn precision(mut self, variable: &str, asked: Asked) -> Self {
        self.precision.insert(variable.to_owned(), asked);
        self
    }

    /// Another setting, by its key in snake case.
    pub fn set(mut self, key: &str, setting: Setting) -> Self {
        self.settings.insert(key.to_owned(), setting);
        self
    }

    /// Takes over what another section says.
    fn update(&mut self, other: &Self) {
        self.precision.extend(other.precision.clone());
        self.types.extend(other.types.clone());
        self.settings.extend(other.settings.clone());
    }
}

/// A configuration in three levels, and what hls4ml sets beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// For the whole model.
    pub model: Section,
    /// By hls4ml's class of layer.
    pub by_class: BTreeMap<String, Section>,
    /// By hls4ml's name of the layer.
    pub by_name: BTreeMap<String, Section>,
    /// Modes that results of some layers have, whatever else is configured.
    pub output_modes: Option<OutputModes>,
}

impl Default for Config {
    /// What hls4ml takes where nothing is configured: `fixed<16,6>` everywhere, one multiplier for every product.
    fn default() -> Self {
        let usual = Asked::Type(Type::Fixed(hls4rs_fixed::Format::fixed(16, 6)));
        let model = Section::default().default_precision(usual);
        Self { model, by_class: BTreeMap::new(), by_name: BTreeMap::new(), output_modes: None }
    }
}

/// Under which names a node finds its configuration.
struct Key<'a> {
    name: &'a str,
    class: &'a str,
    prefix: &'static str,
}

impl<'a> Key<'a> {
    fn of(node: &'a DraftNode) -> Self {
        let own = Key { name: &node.name, class: &node.class, prefix: "" };
        let Some(part) = &node.part else { return own };
        let prefix = match part.role {
            Role::Depthwise | Role::Pointwise => return own,
            Role::Forward => "forward_",
            Role::Backward => "backward_",
            Role::Joined | Role::Sublayer => "",
        };
        Key { name: &part.layer, class: &part.class, prefix }
    }
}

impl Config {
    /// The precision of a variable of a node: by name, by class, then of the model; on each level the variable's
    /// own, then the level's default.
    pub fn precision(&self, node: &DraftNode, variable: &str) -> Asked {
        let key = Key::of(node);
        let of_weights = variable.ends_with("weight") || variable.ends_with("bias");
        let prefixed = if of_weights { format!("{}{variable}", key.prefix) } else { variable.to_owned() };
        let levels = [self.named(key.name), self.of_class(key.class), Some(&self.model)];
        levels
            .into_iter()
            .flatten()
            .find_map(|level| level.precision.get(&prefixed).or_else(|| level.precision.get("default")))
            .copied()
            .unwrap_or(Asked::Auto)
    }

    /// What is said of a variable of the layer itself: by name, where the level's default counts too, or by class.
    pub(crate) fn own_precision(&self, node: &DraftNode, variable: &str) -> Option<Asked> {
        let key = Key::of(node);
        let by_name = self.named(key.name).map(|level| &level.precision);
        let by_class = self.of_class(key.class).map(|level| &level.precision);
        let by_name = by_name.and_then(|level| level.get(variable).or_else(|| level.get("default")));
        by_name.or_else(|| by_class?.get(variable)).copied()
    }

    /// The model's default type, which stands in where no rule says more.
    pub fn default_type(&self) -> Type {
        let asked = self.model.precision.get("default").and_then(|asked| asked.ty());
        asked.unwrap_or(Type::Fixed(hls4rs_fixed::Format::fixed(16, 6)))
    }

    /// The limit of derived types.
    pub fn maximum(&self) -> Option<hls4rs_fixed::Format> {
        self.model.precision.get("maximum")?.ty()?.format()
    }

    /// A type that is an attribute of the layer.
    pub fn attribute_type(&self, node: &DraftNode, name: &str) -> Option<Asked> {
        self.own_levels(node).find_map(|level| level.types.get(name)).copied()
    }

    /// A setting of the layer itself: by name, then by class.
    pub fn attribute(&self, node: &DraftNode, key: &str) -> Option<&Setting> {
        self.own_levels(node).find_map(|level| level.settings.get(key))
    }

    /// A setting of the layer or, where there is none, of the model.
    pub fn setting(&self, node: &DraftNode, key: &str) -> Option<&Setting> {
        self.attribute(node, key).or_else(|| self.model.settings.get(key))
    }

    fn own_levels(&self, node: &DraftNode) -> impl Iterator<Item = &Section> {
        let key = Key::of(node);
        [self.named(key.name), self.of_class(key.class)].into_iter().flatten()
    }

    fn named(&self, name: &str) -> Option<&Section> {
        let folded = || self.by_name.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        self.by_name.get(name).or_else(|| folded().map(|(_, section)| section))
    }

    fn of_class(&self, class: &str) -> Option<&Section> {
        let folded = || self.by_class.iter().find(|(key, _)| key.eq_ignore_ascii_case(class));
        self.by_class.get(class).or_else(|| folded().map(|(_, section)| section))
    }

    /// Gives the halves of a separable convolution their share of the layer's configuration.
    pub(crate) fn split(&mut self, node: &DraftNode) {
        let Some(part) = &node.part else { return };
        let (own, other) = match part.role {
            Role::Depthwise => ("depthwise", "pointwise"),
            Role::Pointwise => ("pointwise", "depthwise"),
            _ => return,
        };
        let mut section = Section::default();
        for level in [self.of_class(&part.class), self.named(&part.layer)].into_iter().flatten() {
            section.update(level);
        }
        for (from, to) in [("", "weight"), ("_accum", "accum"), ("_result", "result")] {
            if let Some(asked) = section.precision.remove(&format!("{own}{from}")) {
                section.precision.insert(to.to_owned(), asked);
            }
            section.precision.remove(&format!("{other}{from}"));
        }
        if section != Section::default() {
            self.by_name.insert(node.name.clone(), section);
        }
    }
}

#[cfg(test)]
mod tests {
    use hls4rs_fixed::Format;

    use super::*;
    use crate::ops::Dense;

    fn asked(width: u32) -> Asked {
        Asked::Type(Type::Fixed(Format::fixed(width, 4)))
    }

    #[test]
    fn the_default_of_a_level_comes_before_the_next_level() {
        let node = DraftNode::new("fc1", "Dense", Dense { units: 1 }, &["x"]);
        let mut config = Config::default();
        assert_eq!(config.precision(&node, "weight").ty(), Some(config.default_type()));
        let class = Section::default().precision("weight", asked(8));
        config.by_class.insert("Dense".to_owned(), class);
        assert_eq!(config.precision(&node, "weight"), asked(8));
        config.by_name.insert("fc1".to_owned(), Section::default().default_precision(asked(10)));
        assert_eq!(config.precision(&node, "weight"), asked(10));
    }
}
