//! What can be wrong with a network, in data and in words.

use core::fmt;

use hls4rs_fixed::Format;

use crate::graph::Node;
use crate::{Place, Shape, ShapeError, Site, Slot, Strategy};

mod words;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The node's site.
    pub site: Site,
    /// The part of the node.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

impl Fault {
    /// A fault of `node`.
    pub fn new(node: &Node, place: Place, problem: Problem) -> Self {
        Self { site: node.site, place, problem }
    }

    /// Whether the fault only says that values may leave the range of a format: the network still has a meaning.
    pub fn is_about_range(&self) -> bool {
        matches!(
            self.problem,
            Problem::AccumOverflow { .. }
                | Problem::ResultOverflow { .. }
                | Problem::ValuesDoNotFit { .. }
                | Problem::InputOverflow { .. }
        )
    }
}

/// Everything that is wrong, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds all of `other`.
    pub fn append(&mut self, mut other: Faults) {
        self.0.append(&mut other.0);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", fault.problem)?;
            for note in fault.problem.notes() {
                write!(f, "\n  note: {note}")?;
            }
            if let Some(help) = fault.problem.help(&|format| format.to_string()) {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl core::error::Error for Faults {}

/// The ways in which a network can be wrong.
///
/// `Display` is the message; [`notes`](Self::notes) and [`help`](Self::help) go with it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Two nodes have one name.
    #[error("the name `{name}` is used twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A name is not an identifier that Rust and C++ share.
    #[error("`{name}` is not a name for a layer")]
    BadName {
        /// The name.
        name: String,
    },
    /// The network's name is not an identifier that Rust and C++ share.
    #[error("`{network}` is not a name for a network")]
    BadNetworkName {
        /// The name.
        network: String,
    },
    /// A node's result goes nowhere.
    #[error("layer `{layer}` is not used")]
    Unused {
        /// The layer.
        layer: String,
    },
    /// The network has no output.
    #[error("network `{network}` has no output")]
    NoOutput {
        /// The network.
        network: String,
    },
    /// The network has no input.
    #[error("network `{network}` has no input")]
    NoInput {
        /// The network.
        network: String,
    },
    /// The number of inputs is wrong.
    #[error("layer `{layer}`: expected {expected}, found {found}")]
    Inputs {
        /// The layer.
        layer: String,
        /// How many it takes, in words.
        expected: String,
        /// How many were given.
        found: usize,
        /// The keyword of a layer of two inputs that can be nested for more.
        nested: Option<&'static str>,
    },
    /// A format is asked for the accumulator of a strategy that sums exactly.
    #[error("layer `{layer}`: strategy `distributed_arithmetic` sums exactly and has no `accum`")]
    ExactSum {
        /// The layer.
        layer: String,
    },
    /// The result of a layer that is defined elsewhere has no format.
    #[error("layer `{layer}`: `{kind}` is a layer of your own, and the format of its result is not given")]
    CustomFormat {
        /// The layer.
        layer: String,
        /// What is computed.
        kind: String,
    },
    /// A layer that is defined elsewhere computes with numbers that are too wide for it.
    #[error("layer `{layer}`: {what} has {} bits ({found}); a layer of your own takes up to 63", found.width)]
    CustomWidth {
        /// The layer.
        layer: String,
        /// What is too wide, in words.
        what: &'static str,
        /// Its format.
        found: Format,
    },
    /// The input's shape does not suit the layer.
    #[error("layer `{layer}`: expected {expected}, found {found}")]
    Shape {
        /// The layer.
        layer: String,
        /// What the layer takes, in words.
        expected: String,
        /// What it was given.
        found: Shape,
        /// Where that comes from.
        from: String,
        /// What to do, if there is one thing to do.
        help: Option<String>,
    },
    /// An extent is not possible.
    #[error("layer `{layer}`: {error}")]
    Extents {
        /// The layer.
        layer: String,
        /// What is wrong with the extents.
        error: ShapeError,
    },
    /// An attribute has a value that makes no sense.
    #[error("layer `{layer}`: attribute `{attr}`: expected {expected}, found {found}")]
    Attribute {
        /// The layer.
        layer: String,
        /// The attribute.
        attr: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A format was given for a slot that the layer does not have.
    #[error("layer `{layer}`: `{op}` layers have no `{slot}`")]
    NoSuchSlot {
        /// The layer.
        layer: String,
        /// What kind of layer it is.
        op: &'static str,
        /// The slot.
        slot: Slot,
        /// The slots it has.
        slots: Vec<Slot>,
    },
    /// A format was given for a slot that has values, but no format.
    #[error("layer `{layer}`: `{slot}` of `{op}` layers takes values, not a format")]
    NotAFormat {
        /// The layer.
        layer: String,
        /// What kind of layer it is.
        op: &'static str,
        /// The slot.
        slot: Slot,
    },
    /// Values that the layer needs are not there.
    #[error("layer `{layer}`: no values for `{slot}`, expected {expected}")]
    MissingValues {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// The shape of the values.
        expected: Shape,
    },
    /// Values were given for a slot in which the layer stores none.
    #[error("layer `{layer}`: `{op}` layers take no values for `{slot}`")]
    NoSuchValues {
        /// The layer.
        layer: String,
        /// What kind of layer it is.
        op: &'static str,
        /// The slot.
        slot: Slot,
        /// The slots for which it takes values.
        slots: Vec<Slot>,
    },
    /// Values have the wrong shape.
    #[error("layer `{layer}`: expected `{slot}` of shape {}, found {found}", words::either(expected, alternative.as_ref()))]
    ValuesShape {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// The shape of the values that are needed.
        expected: Shape,
        /// Another shape that would do as well.
        alternative: Option<Shape>,
        /// The shape of the values that are there.
        found: Shape,
        /// Whether the transposed values would fit.
        transposed: bool,
        /// Whether extents may be 1 in place of others.
        spread: bool,
    },
    /// A value is infinite or not a number.
    #[error("layer `{layer}`: `{slot}` has a value that is not finite")]
    NotFinite {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
    },
    /// A format is not possible.
    #[error("layer `{layer}`: `{slot}`: {reason}")]
    Format {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// Why not.
        reason: String,
    },
    /// Stored values need a wider format than can be stored.
    #[error("layer `{layer}`: `{slot}` needs {width} bits, more than the {max} that stored values may have",
        max = crate::resolve::MAX_CONSTANT_WIDTH)]
    ConstantTooWide {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// The width.
        width: u32,
        /// Whether the width comes from `auto`.
        auto: bool,
    },
    /// Stored values lie outside of their format.
    #[error("layer `{layer}`: {}", words::misfits(*slot, [*count, *total], *found, (*worst, *at)))]
    ValuesDoNotFit {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// The one that is furthest outside.
        worst: f64,
        /// Its position, row major.
        at: usize,
        /// A format that holds all.
        needed: Format,
        /// The format that was asked for.
        found: Format,
    },
    /// The declared range of an input is empty or not finite.
    #[error("input `{layer}`: the range {lo}..{hi} is {what}")]
    Range {
        /// The input.
        layer: String,
        /// Its lower end.
        lo: f64,
        /// Its upper end.
        hi: f64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The declared range of an input does not fit its format.
    #[error("input `{layer}`: the range {lo}..{hi} needs {needed}, found {found}")]
    InputOverflow {
        /// The input.
        layer: String,
        /// The lower end of the range.
        lo: f64,
        /// The upper end of the range.
        hi: f64,
        /// A format that holds the range.
        needed: Format,
        /// The format that was asked for.
        found: Format,
    },
    /// The sum of products can leave the accumulator.
    #[error(
        "layer `{layer}`: accumulator overflow: the sum of {products} products of {input} * {weight} \
             in {kind} {unit} needs {needed}, found {found}"
    )]
    AccumOverflow {
        /// The layer.
        layer: String,
        /// What a sum reads of the input: `output`, `row` or `window`.
        part: &'static str,
        /// What has a sum: `unit`, `filter` or `channel`.
        kind: &'static str,
        /// The output with the largest excess.
        unit: usize,
        /// How many products it sums.
        products: usize,
        /// The format of the input.
        input: Format,
        /// The format of the weights.
        weight: Format,
        /// A format that is wide enough.
        needed: Format,
        /// The format that was asked for.
        found: Format,
        /// The layer's input for which the sum of that unit is as far out as it can be.
        witness: Vec<f64>,
        /// The layer that this input comes from.
        from: String,
        /// The sum of that unit for this input.
        sum: f64,
    },
    /// A result can leave its format.
    #[error("layer `{layer}`: overflow of `{slot}`: element {unit} needs {needed}, found {found}")]
    ResultOverflow {
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// The element with the largest excess.
        unit: usize,
        /// A format that is wide enough.
        needed: Format,
        /// The format that was asked for.
        found: Format,
    },
    /// The strategy cannot have this reuse factor.
    #[error("layer `{layer}`: {}", words::reuse(*strategy, *found, [*n_in, *n_out]))]
    ReuseFactor {
        /// The layer.
        layer: String,
        /// The strategy.
        strategy: Strategy,
        /// The reuse factor.
        found: usize,
        /// Products for one output.
        n_in: usize,
        /// Outputs.
        n_out: usize,
        /// The nearest legal factor below.
        below: Option<usize>,
        /// The nearest legal factor above.
        above: Option<usize>,
    },
    /// The layer cannot be built with this strategy.
    #[error("layer `{layer}`: strategy `{found}` is not available for {op}")]
    NoSuchStrategy {
        /// The layer.
        layer: String,
        /// What kind of layer it is, in words.
        op: String,
        /// The strategy.
        found: Strategy,
        /// The strategies that are.
        available: Vec<Strategy>,
    },
    /// An exact intermediate value would be wider than anything here can compute.
    #[error("layer `{layer}`: exact values would have {needed} bits, more than the {max} with which can be computed",
        max = crate::resolve::MAX_EXACT)]
    TooWide {
        /// The layer.
        layer: String,
        /// How many bits they would have.
        needed: u32,
        /// The formats of its inputs.
        inputs: Vec<Format>,
    },
}
