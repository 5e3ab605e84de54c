//! Attributes of layers by keyword: one table per layer serves the DSL, configurations and the docs.

use crate::shape::MAX_ELEMENTS;

/// One attribute of a layer, open for reading and writing.
pub struct Attr<'a> {
    /// The keyword.
    pub name: &'static str,
    /// What it means, one line.
    pub doc: &'static str,
    /// The value.
    pub value: AttrRef<'a>,
}

/// A reference to the value of an attribute.
pub enum AttrRef<'a> {
    /// A whole number of at least one.
    Size(&'a mut usize),
    /// A whole number of at least one that may be left out.
    OptionalSize(&'a mut Option<usize>),
    /// Several of them; a single one may be written without brackets.
    Sizes(&'a mut Vec<usize>),
    /// A whole number, zero included.
    Count(&'a mut usize),
    /// Several of them.
    Counts(&'a mut Vec<usize>),
    /// Several whole numbers of any sign, such as axes.
    Axes(&'a mut Vec<i32>),
    /// Yes or no.
    Flag(&'a mut bool),
    /// An axis; negative counts from the end.
    Axis(&'a mut i32),
    /// A real number.
    Real(&'a mut f64),
    /// A real number that may be left out.
    OptionalReal(&'a mut Option<f64>),
    /// A text in quotes.
    Text(&'a mut String),
    /// One of several words.
    Choice {
        /// The words.
        allowed: &'static [&'static str],
        /// Which of them.
        index: usize,
        /// Sets which of them.
        set: Box<dyn FnMut(usize) + 'a>,
    },
}

/// A value that was written for an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrValue {
    /// A number.
    Number(f64),
    /// A list of numbers.
    List(Vec<f64>),
    /// A word.
    Word(String),
    /// A text in quotes.
    Text(String),
}

/// What is expected in place of a number that is greater than all that make sense.
const TOO_LARGE: &str = "a whole number of at most 268435456";

impl AttrValue {
    fn is_too_large(&self) -> bool {
        let large = |v: &f64| *v > MAX_ELEMENTS as f64;
        match self {
            Self::Number(v) => large(v),
            Self::List(list) => list.iter().any(large),
            Self::Word(_) | Self::Text(_) => false,
        }
    }
}

impl AttrRef<'_> {
    /// What may be written, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::Size(_) | Self::OptionalSize(_) => "a whole number of at least 1".to_owned(),
            Self::Sizes(_) => "a list of whole numbers of at least 1, such as `[4, 8]`".to_owned(),
            Self::Count(_) => "a whole number of at least 0".to_owned(),
            Self::Counts(_) => "a list of whole numbers of at least 0, such as `[1, 0]`".to_owned(),
            Self::Axes(_) => "a list of whole numbers, such as `[1, 0]`".to_owned(),
            Self::Flag(_) => "`true` or `false`".to_owned(),
            Self::Axis(_) => "a whole number, negative to count from the end".to_owned(),
            Self::Real(_) | Self::OptionalReal(_) => "a number".to_owned(),
            Self::Text(_) => "a text in quotes".to_owned(),
            Self::Choice { allowed, .. } => {
                let words: Vec<_> = allowed.iter().map(|w| format!("`{w}`")).collect();
                format!("one of {}", words.join(", "))
            }
        }
    }

    /// Whether the value is made of whole numbers that cannot be negative.
    fn counts(&self) -> bool {
        use AttrRef::{Count, Counts, OptionalSize, Size, Sizes};
        matches!(self, Size(_) | OptionalSize(_) | Sizes(_) | Count(_) | Counts(_))
    }

    /// The value as it would be written; `None` if it is left out.
    pub fn get(&self) -> Option<AttrValue> {
        Some(match self {
            Self::Size(v) => AttrValue::Number(**v as f64),
            Self::OptionalSize(v) => AttrValue::Number((**v)? as f64),
            Self::Sizes(v) | Self::Counts(v) if v.is_empty() => return None,
            Self::Sizes(v) => AttrValue::List(v.iter().map(|&v| v as f64).collect()),
            Self::Count(v) => AttrValue::Number(**v as f64),
            Self::Counts(v) => AttrValue::List(v.iter().map(|&v| v as f64).collect()),
            Self::Axes(v) => AttrValue::List(v.iter().map(|&v| f64::from(v)).collect()),
            Self::Flag(v) => AttrValue::Word(v.to_string()),
            Self::Axis(v) => AttrValue::Number(f64::from(**v)),
            Self::Real(v) => AttrValue::Number(**v),
            Self::OptionalReal(v) => AttrValue::Number((**v)?),
            Self::Text(v) => AttrValue::Text((**v).clone()),
            Self::Choice { allowed, index, .. } => AttrValue::Word(allowed[*index].to_owned()),
        })
    }

    /// Takes over a value that was written.
    ///
    /// # Errors
    /// What would have been right, in words.
    pub fn set(&mut self, value: &AttrValue) -> Result<(), String> {
        let expected =
            if self.counts() && value.is_too_large() { TOO_LARGE.to_owned() } else { self.expected() };
        let done = match (self, value) {
            (Self::Size(slot), AttrValue::Number(v)) => size(*v).map(|v| **slot = v),
            (Self::OptionalSize(slot), AttrValue::Number(v)) => size(*v).map(|v| **slot = Some(v)),
            (Self::Sizes(slot), AttrValue::List(list)) => {
                list.iter().map(|&v| size(v)).collect::<Option<Vec<_>>>().map(|v| **slot = v)
            }
            (Self::Sizes(slot), AttrValue::Number(v)) => size(*v).map(|v| **slot = vec![v]),
            (Self::Count(slot), AttrValue::Number(v)) => count(*v).map(|v| **slot = v),
            (Self::Counts(slot), AttrValue::List(list)) => {
                list.iter().map(|&v| count(v)).collect::<Option<Vec<_>>>().map(|v| **slot = v)
            }
            (Self::Axes(slot), AttrValue::List(list)) => {
                list.iter().map(|&v| axis(v)).collect::<Option<Vec<_>>>().map(|v| **slot = v)
            }
            (Self::Flag(slot), AttrValue::Word(word)) => word.parse().ok().map(|v| **slot = v),
            (Self::Axis(slot), AttrValue::Number(v)) => axis(*v).map(|v| **slot = v),
            (Self::Real(slot), AttrValue::Number(v)) => v.is_finite().then(|| **slot = *v),
            (Self::OptionalReal(slot), AttrValue::Number(v)) => v.is_finite().then(|| **slot = Some(*v)),
            (Self::Text(slot), AttrValue::Text(text)) => {
                slot.clone_from(text);
                Some(())
            }
            (Self::Choice { allowed, set, .. }, AttrValue::Word(word)) => {
                allowed.iter().position(|w| w == word).map(set)
            }
            _ => None,
        };
        done.ok_or(expected)
    }
}

fn size(v: f64) -> Option<usize> {
    (v.fract() == 0.0 && (1.0..=MAX_ELEMENTS as f64).contains(&v)).then_some(v as usize)
}

fn count(v: f64) -> Option<usize> {
    if v == 0.0 { Some(0) } else { size(v) }
}

fn axis(v: f64) -> Option<i32> {
    (v.fract() == 0.0 && v.abs() < 1e6).then_some(v as i32)
}

/// The candidate that is most like `word`, if one is alike enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + word.len() / 3;
    candidates
        .into_iter()
        .map(|c| (edit_distance(word, c), c))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_error_finds_its_word() {
        assert_eq!(nearest("sofmax", ["softmax", "softplus", "dense"]), Some("softmax"));
        assert_eq!(nearest("Dense", ["softmax", "dense"]), Some("dense"));
        assert_eq!(nearest("convolution", ["softmax", "dense"]), None);
    }
}
