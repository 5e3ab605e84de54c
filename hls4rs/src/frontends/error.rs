//! What can be wrong with a trained model's file.

use core::fmt;
use std::path::PathBuf;

/// Why a model cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: not a {format}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it should be.
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is sound, but the model in it is not understood.
    #[error("{}: {}", path.display(), Listed(problems))]
    Model {
        /// The file.
        path: PathBuf,
        /// Everything that is not understood, in the order of the layers.
        problems: Vec<Problem>,
    },
}

/// One thing that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The layer, as the file calls it; empty if it is about the model as a whole.
    pub layer: String,
    /// Its class.
    pub class: String,
    /// The attribute, if it is about one.
    pub attribute: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl Problem {
    /// The same within an attribute of a layer of this class.
    #[cfg(feature = "keras")]
    pub(crate) fn within(self, class: &str, attribute: &str) -> Self {
        let inner = self.attribute.map(|inner| format!(".{inner}")).unwrap_or_default();
        Self { class: class.to_owned(), attribute: Some(format!("{attribute}{inner}")), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.layer.is_empty() {
            write!(f, "layer `{}` ({}): ", self.layer, self.class)?;
        }
        if let Some(attribute) = &self.attribute {
            write!(f, "`{attribute}`: ")?;
        }
        f.write_str(&self.reason)
    }
}

/// One problem on the line, several below it.
struct Listed<'a>(&'a [Problem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [only] => only.fmt(f),
            all => {
                write!(f, "{} things in this model are not understood", all.len())?;
                all.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}
