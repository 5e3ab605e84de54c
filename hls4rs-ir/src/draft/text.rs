//! A draft as text, one line for a node: what tests of passes compare.

use core::fmt;

use super::{Draft, DraftNode};
use crate::Tensor;
use crate::attr::AttrValue;

/// More values than this are only counted.
const SHOWN: usize = 8;

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for node in &self.nodes {
            writeln!(f, "{node}")?;
        }
        writeln!(f, "-> {}", self.outputs.join(", "))
    }
}

/// `name: Class keyword(attr: 1) <- inputs; result=fixed<16,6>; weight[2, 1]=[0.5, 1]`
impl fmt::Display for DraftNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut op = self.op.clone();
        let attrs: Vec<_> = op
            .attrs()
            .iter()
            .filter_map(|attr| Some(format!("{}: {}", attr.name, Word(attr.value.get()?))))
            .collect();
        write!(f, "{}: {} {}({})", self.name, self.class, self.op.layer().keyword(), attrs.join(", "))?;
        if !self.inputs.is_empty() {
            write!(f, " <- {}", self.inputs.join(", "))?;
        }
        for (slot, ty) in self.types.iter() {
            write!(f, "; {slot}: {ty}")?;
        }
        for (slot, quantizer) in self.quantizers.iter() {
            write!(f, "; {slot} by {quantizer:?}")?;
        }
        for (slot, tensor) in self.values.iter() {
            write!(f, "; {slot} = {}", Values(tensor))?;
        }
        Ok(())
    }
}

struct Word(AttrValue);

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            AttrValue::Number(v) => write!(f, "{v}"),
            AttrValue::List(list) => write!(f, "{list:?}"),
            AttrValue::Word(word) => f.write_str(word),
            AttrValue::Text(text) => write!(f, "{text:?}"),
        }
    }
}

struct Values<'a>(&'a Tensor);

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.values();
        match values.len() {
            0..=SHOWN => write!(f, "{} {values:?}", self.0.shape()),
            _ => write!(f, "{}", self.0.shape()),
        }
    }
}
