//! The words of faults: what is wrong where that takes more than a pattern, where it comes from, what to type.

use hls4rs_fixed::Format;

use super::Problem;
use crate::{Shape, Slot, Strategy};

impl Problem {
    /// Lines that say where the other side of a contradiction comes from.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Shape { found, from, .. } => {
                vec![format!("`{from}` yields {found} ({} values)", found.elements())]
            }
            Self::AccumOverflow { part, kind, witness, from, sum, unit, .. } => vec![format!(
                "for the {part} {} of `{from}` the sum of {kind} {unit} is {sum}",
                vector(witness)
            )],
            Self::TooWide { inputs, .. } => {
                let inputs: Vec<_> = inputs.iter().map(Format::to_string).collect();
                vec![format!("inputs of this layer: {}", inputs.join(", "))]
            }
            Self::ValuesShape { spread: true, .. } => {
                vec!["an extent of 1 holds along the whole axis".to_owned()]
            }
            Self::ValuesShape { transposed: true, .. } => {
                vec!["the values are [outputs, inputs]; hls4rs stores [inputs, outputs]".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    /// What to type instead; `spell` gives a format in the language of the reader.
    pub fn help(&self, spell: &dyn Fn(Format) -> String) -> Option<String> {
        Some(match self {
            Self::DuplicateName { .. } => "give each layer a name of its own".to_owned(),
            Self::BadName { .. } | Self::BadNetworkName { .. } => {
                "use letters, digits and `_`, beginning with a letter, and no keyword of C++".to_owned()
            }
            Self::Unused { layer } => {
                format!("make it an output, let another layer read it, or delete `{layer}`")
            }
            Self::Inputs { nested: Some(op), .. } => format!("nest the layers: `{op}({op}(a, b), c)`"),
            Self::CustomFormat { .. } => {
                format!("write the format, such as `as {}`", spell(Format::fixed(16, 6)))
            }
            Self::CustomWidth { .. } => "write a narrower format".to_owned(),
            Self::ExactSum { .. } => "delete `accum`, or choose another strategy".to_owned(),
            Self::NoOutput { .. } => "add `output name = layer;`".to_owned(),
            Self::NoInput { .. } => "add `input name: [n];`".to_owned(),
            Self::Shape { help, .. } => return help.clone(),
            Self::NoSuchValues { slots, .. } if slots.is_empty() => return None,
            Self::NoSuchValues { slots, .. } => {
                let names: Vec<_> = slots.iter().map(|s| format!("`{s}`")).collect();
                format!("values of this layer: {}", names.join(", "))
            }
            Self::NoSuchSlot { slots, .. } => {
                let names: Vec<_> = slots.iter().map(|s| format!("`{s}`")).collect();
                format!("formats of this layer: {}", names.join(", "))
            }
            Self::MissingValues { layer, slot, .. } => {
                format!("add an array `{layer}.{slot}` to the weights file, or write the values inline")
            }
            Self::ValuesShape { transposed: true, layer, slot, .. } => {
                format!("store `{layer}.{slot}` transposed")
            }
            Self::ConstantTooWide { auto: true, slot, .. } => {
                format!("write a format for `{slot}`, such as `{}`", spell(Format::fixed(16, 6)))
            }
            Self::ConstantTooWide { slot, .. } => {
                format!("write a narrower format for `{slot}`, such as `{}`", spell(Format::fixed(16, 6)))
            }
            Self::NotAFormat { slot, .. } => format!("write numbers: `{slot}: 4`, or a list of them"),
            Self::Range { .. } => "write two finite numbers, the lower one first: `-1.0..1.0`".to_owned(),
            Self::TooWide { .. } => {
                "write narrower formats for the inputs of this layer, or formats whose units are closer"
                    .to_owned()
            }
            Self::ValuesDoNotFit { needed, slot, found, .. } => format!(
                "widen `{slot}` to `{}`, or saturate: `{}`",
                spell(*needed),
                spell(found.with_overflow(hls4rs_fixed::Overflow::Sat))
            ),
            Self::InputOverflow { needed, .. } => format!("widen the input to `{}`", spell(*needed)),
            Self::AccumOverflow { needed, .. } => {
                format!("widen `accum` to `{}`, or write `accum: auto`", spell(*needed))
            }
            Self::ResultOverflow { needed, slot, found, .. } => format!(
                "widen `{slot}` to `{}`, or saturate: `{}`",
                spell(*needed),
                spell(found.with_overflow(hls4rs_fixed::Overflow::Sat))
            ),
            Self::ReuseFactor { strategy: Strategy::DistributedArithmetic, .. } => {
                "delete `reuse_factor`, or choose another strategy".to_owned()
            }
            Self::ReuseFactor { below, above, .. } => {
                let near: Vec<_> = below.iter().chain(above).map(|rf| format!("`{rf}`")).collect();
                match near.as_slice() {
                    [one] => format!("the nearest legal reuse factor is {one}"),
                    all => format!("the nearest legal reuse factors are {}", all.join(" and ")),
                }
            }
            Self::NoSuchStrategy { available, .. } => {
                let names: Vec<_> = available.iter().map(|s| format!("`{s}`")).collect();
                format!("available: {}", names.join(", "))
            }
            _ => return None,
        })
    }
}

/// A vector in full if it is short, else its beginning.
fn vector(values: &[f64]) -> String {
    const SHOWN: usize = 16;
    let shown: Vec<_> = values.iter().take(SHOWN).map(f64::to_string).collect();
    let more =
        if values.len() > SHOWN { format!(", … {} more", values.len() - SHOWN) } else { String::new() };
    format!("[{}{more}]", shown.join(", "))
}

/// One shape, or one of two.
pub(super) fn either(expected: &Shape, alternative: Option<&Shape>) -> String {
    match alternative.filter(|other| *other != expected) {
        Some(other) => format!("{expected} or {other}"),
        None => expected.to_string(),
    }
}

/// What values lie outside of their format: how many of how many, and the worst of them with its position.
pub(super) fn misfits(
    slot: Slot,
    [count, total]: [usize; 2],
    found: Format,
    (worst, at): (f64, usize),
) -> String {
    if total == 1 {
        return format!("`{slot}` is {worst}, which does not fit {found}");
    }
    format!("{count} of {total} values of `{slot}` do not fit {found}; the worst is {worst} (at {at})")
}

/// Why a strategy cannot have a reuse factor.
pub(super) fn reuse(strategy: Strategy, found: usize, [n_in, n_out]: [usize; 2]) -> String {
    match strategy {
        Strategy::Latency | Strategy::Compressed => {
            format!(
                "expected a reuse factor from 1 to {}, {n_in} x {n_out} products, found {found}",
                n_in * n_out
            )
        }
        Strategy::DistributedArithmetic => {
            format!("strategy `{strategy}` reuses no multiplier, expected a reuse factor of 1, found {found}")
        }
        Strategy::Resource | Strategy::ResourceUnrolled => {
            format!("reuse factor {found} does not divide {n_in} x {n_out} products evenly")
        }
    }
}
