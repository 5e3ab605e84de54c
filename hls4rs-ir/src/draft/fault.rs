//! What can be wrong with a draft or its configuration: everything is listed at once.

use core::fmt;

use super::DraftNode;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFault {
    /// Where, in words; empty if it is about the whole network.
    pub place: String,
    /// What.
    pub problem: String,
}

impl DraftFault {
    /// A fault of a node.
    pub fn new(node: &DraftNode, problem: impl Into<String>) -> Self {
        let own = format!("layer `{}` ({})", node.name, node.class);
        let place = if node.place.is_empty() { own } else { node.place.clone() };
        Self { place, problem: problem.into() }
    }
}

impl fmt::Display for DraftFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => f.write_str(&self.problem),
            place => write!(f, "{place}: {}", self.problem),
        }
    }
}

/// Everything that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftFaults(Vec<DraftFault>);

impl DraftFaults {
    /// Adds one.
    pub fn push(&mut self, fault: DraftFault) {
        self.0.push(fault);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in the order of the layers.
    pub fn iter(&self) -> impl Iterator<Item = &DraftFault> {
        self.0.iter()
    }
}

impl From<DraftFault> for DraftFaults {
    fn from(fault: DraftFault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for DraftFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for DraftFaults {}
