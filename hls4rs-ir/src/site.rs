//! Where in the user's source something stands.

/// An opaque mark that whoever builds a graph puts on a node, and maps back to a span, a file or a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Site(pub u32);

/// The part of a node that a fault is about: the smallest thing a caller could point at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The node as a whole.
    Node,
    /// The n-th input.
    Input(usize),
    /// An attribute, by its keyword.
    Attr(&'static str),
    /// The precision of a slot.
    Precision(crate::Slot),
    /// The stored values of a slot.
    Values(crate::Slot),
    /// The strategy.
    Strategy,
    /// The reuse factor.
    ReuseFactor,
    /// The declared range of an input.
    Range,
}
