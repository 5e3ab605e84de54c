//! Attributes that a configuration sets: sizes of tables, the way a softmax is computed.

use crate::attr::AttrValue;
use crate::draft::{Config, DraftFault, DraftNode, Setting};

/// Configuration keys in snake case that are attributes of layers here, with the attribute's name.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("table_size", "table_size"),
    ("table_range_power2", "table_range_power2"),
    ("implementation", "implementation"),
];

/// Sets what the configuration says of a node's attributes.
///
/// # Errors
/// A value that the attribute cannot have.
pub(crate) fn set_attributes(node: &mut DraftNode, config: &Config) -> Result<(), DraftFault> {
    for &(key, name) in ATTRIBUTES {
        let Some(setting) = config.attribute(node, key) else { continue };
        let value = match setting {
            Setting::Number(v) => AttrValue::Number(*v),
            Setting::Flag(flag) => AttrValue::Word(flag.to_string()),
            // Sizes may be in quotes.
            Setting::Word(word) => match word.parse() {
                Ok(number) => AttrValue::Number(number),
                Err(_) => AttrValue::Word(word.clone()),
            },
        };
        if let Err(expected) = set(node, name, &value) {
            return Err(DraftFault::new(node, format!("`{key}`: expected {expected}, found {value:?}")));
        }
    }
    Ok(())
}

/// Sets an attribute if the layer has it.
pub(super) fn set(node: &mut DraftNode, name: &str, value: &AttrValue) -> Result<(), String> {
    let mut attrs = node.op.attrs();
    attrs.iter_mut().find(|attr| attr.name == name).map_or(Ok(()), |attr| attr.value.set(value))
}
