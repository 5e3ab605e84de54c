//! Layers made by keyword and attributes, as `network!` makes them.

use hls4rs_ir::Op;
use hls4rs_ir::attr::AttrValue;

/// The layer of a keyword with some attributes set.
///
/// # Errors
/// What is not known or not taken.
pub fn make(keyword: &str, attrs: &[(&str, AttrValue)]) -> Result<Op, String> {
    let mut op = Op::from_keyword(keyword).ok_or_else(|| format!("layer {keyword}"))?;
    for (name, value) in attrs {
        let mut all = op.attrs();
        let attr = all.iter_mut().find(|attr| attr.name == *name);
        let attr = attr.ok_or_else(|| format!("attribute {name} of {keyword}"))?;
        attr.value
            .set(value)
            .map_err(|expected| format!("{keyword}: {name}: expected {expected}, found {value:?}"))?;
    }
    Ok(op)
}

/// A number as an attribute's value.
pub fn number(value: impl Into<f64>) -> AttrValue {
    AttrValue::Number(value.into())
}

/// A size as an attribute's value.
pub fn size(value: usize) -> AttrValue {
    AttrValue::Number(value as f64)
}

/// A word as an attribute's value.
pub fn word(value: &str) -> AttrValue {
    AttrValue::Word(value.to_owned())
}
