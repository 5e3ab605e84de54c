//! The meaning of every layer: one file each.

use crate::attr::Attr;
use crate::hardware::{Multiplications, Strategy};
use crate::resolve::{Done, NodeCx};
use crate::shape::MAX_ELEMENTS;
use crate::tables::MAX_SIZE;
use crate::{Shape, Slot};

/// How many inputs a layer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly this many.
    Exactly(usize),
    /// This many or more.
    AtLeast(usize),
    /// One number or another.
    Either(usize, usize),
}

impl Arity {
    /// Whether `n` inputs are right.
    pub fn allows(self, n: usize) -> bool {
        match self {
            Self::Exactly(k) => n == k,
            Self::AtLeast(k) => n >= k,
            Self::Either(a, b) => n == a || n == b,
        }
    }

    /// The number in words.
    pub fn words(self) -> String {
        let inputs = |k| if k == 1 { "1 input".to_owned() } else { format!("{k} inputs") };
        match self {
            Self::Exactly(k) => inputs(k),
            Self::AtLeast(k) => format!("at least {}", inputs(k)),
            Self::Either(a, b) => format!("{} or {b}", inputs(a)),
        }
    }
}

/// Why a layer cannot take its inputs' shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The n-th input is not what the layer takes.
    Input {
        /// Which input.
        n: usize,
        /// What the layer takes, in words.
        expected: String,
        /// What to do, if there is one thing to do.
        help: Option<String>,
    },
    /// An attribute does not go with the inputs.
    Attr {
        /// The attribute.
        name: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
}

/// Values that a layer stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Where they are stored.
    pub slot: Slot,
    /// Their shape.
    pub shape: Shape,
    /// Another shape that will do as well.
    pub alternative: Option<Shape>,
    /// Whether the layer works without them.
    pub optional: bool,
}

/// What every layer says of itself; the one place for its shape, precision and range rules.
pub trait Layer {
    /// The keyword in the DSL, with this layer's attributes taken into account.
    fn keyword(&self) -> &'static str;

    /// How many inputs it reads.
    fn arity(&self) -> Arity {
        Arity::Exactly(1)
    }

    /// Its attributes, those that may be written by position first.
    fn attrs(&mut self) -> Vec<Attr<'_>> {
        Vec::new()
    }

    /// The slots for which a format can be asked, other than the result.
    fn slots(&self) -> &'static [Slot] {
        &[]
    }

    /// The shape of the result.
    ///
    /// # Errors
    /// Which input or attribute does not fit.
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit>;

    /// The values it stores; called only with shapes that [`shape`](Self::shape) has accepted.
    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let _ = inputs;
        Vec::new()
    }

    /// Whether stored values may have this shape; called only where the parameter's own shapes do not fit.
    fn takes(&self, parameter: &Parameter, found: &Shape) -> bool {
        let _ = (parameter, found);
        false
    }

    /// The matrix that its multipliers work through, if strategy and reuse factor mean something for it.
    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        let _ = inputs;
        None
    }

    /// How many times, one after the other, its multipliers go through the matrix for one sample.
    fn passes(&self, inputs: &[&Shape]) -> usize {
        let _ = inputs;
        1
    }

    /// The strategies it can be built with.
    fn strategies(&self) -> &'static [Strategy] {
        &[Strategy::Latency]
    }

    /// Settles formats, stores constants and says what the result can be.
    ///
    /// Faults go to the context; `None` means that nothing can be said of the result.
    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done>;
}

/// One table of layers: the enum, the dispatch and the look-up by keyword come from it.
macro_rules! ops {
    ($($variant:ident($module:ident) { $($keyword:literal => $make:expr),* $(,)? })+) => {
        $(mod $module;)+
        $(pub use $module::$variant;)+

        /// What a node computes.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op { $(#[allow(missing_docs)] $variant($variant),)+ }

        $(impl From<$variant> for Op {
            fn from(op: $variant) -> Self { Self::$variant(op) }
        })+

        impl Op {
            /// The layer's rules.
            pub fn layer(&self) -> &dyn Layer {
                match self { $(Self::$variant(op) => op,)+ }
            }

            fn layer_mut(&mut self) -> &mut dyn Layer {
                match self { $(Self::$variant(op) => op,)+ }
            }

            /// The layer that a keyword stands for, with its attributes at their defaults.
            pub fn from_keyword(keyword: &str) -> Option<Self> {
                match keyword {
                    $($($keyword => Some(Self::$variant($make)),)*)+
                    _ => None,
                }
            }

            /// Every keyword, in the order of the table.
            pub const KEYWORDS: &'static [&'static str] = &[$($($keyword,)*)+];
        }

        /// Runs an expression with the layer that an [`Op`](crate::Op) holds, whatever it is:
        /// `with_layer!(op, layer => layer.method())`.
        ///
        /// A crate that adds a trait to every layer dispatches with it; a layer without an impl does not compile.
        #[macro_export]
        macro_rules! with_layer {
            ($op:expr, $layer:ident => $body:expr) => {
                match $op { $($crate::Op::$variant($layer) => $body,)+ }
            };
        }
    };
}

ops! {
    Input(input) {}
    Dense(dense) { "dense" => Dense::default() }
    Conv(conv) {
        "conv1d" => Conv::new(1),
        "conv2d" => Conv::new(2),
        "depthwise_conv1d" => Conv::depthwise(1),
        "depthwise_conv2d" => Conv::depthwise(2),
    }
    Linear(linear) { "linear" => Linear }
    Reshape(reshape) { "flatten" => Reshape::flatten(), "reshape" => Reshape::default() }
    Relu(relu) { "relu" => Relu::default() }
    LeakyRelu(leaky_relu) { "leaky_relu" => LeakyRelu::default() }
    ThresholdedRelu(thresholded_relu) { "thresholded_relu" => ThresholdedRelu::default() }
    Prelu(prelu) { "prelu" => Prelu }
    Elu(elu) { "elu" => Elu::default() }
    TableActivation(table_activation) {
        "sigmoid" => TableActivation::new(Function::Sigmoid),
        "tanh" => TableActivation::new(Function::Tanh),
        "softplus" => TableActivation::new(Function::Softplus),
        "softsign" => TableActivation::new(Function::Softsign),
        "selu" => TableActivation::new(Function::Selu),
    }
    Hard(hard) { "hard_sigmoid" => Hard::sigmoid(), "hard_tanh" => Hard::tanh() }
    Softmax(softmax) { "softmax" => Softmax::default() }
    BatchNorm(batch_norm) { "batch_norm" => BatchNorm }
    Merge(merge) {
        "add" => Merge { op: MergeOp::Add },
        "subtract" => Merge { op: MergeOp::Subtract },
        "multiply" => Merge { op: MergeOp::Multiply },
        "average" => Merge { op: MergeOp::Average },
        "maximum" => Merge { op: MergeOp::Maximum },
        "minimum" => Merge { op: MergeOp::Minimum },
    }
    Concatenate(concatenate) { "concatenate" => Concatenate::default() }
    Einsum(einsum) { "einsum" => Einsum::new(), "matmul" => Einsum::matmul() }
    LayerNorm(layer_norm) { "layer_norm" => LayerNorm::default() }
    EinsumDense(einsum_dense) { "einsum_dense" => EinsumDense::default() }
    Quantize(quantize) { "quantize" => Quantize::default() }
    UnaryLut(unary_lut) { "unary_lut" => UnaryLut::default() }
    Embedding(embedding) { "embedding" => Embedding::default() }
    QuantizedTanh(quantized_tanh) {
        "binary_tanh" => QuantizedTanh { ternary: false },
        "ternary_tanh" => QuantizedTanh { ternary: true },
    }
    Threshold(threshold) {
        "binary_threshold" => Threshold { ternary: false },
        "ternary_threshold" => Threshold { ternary: true },
    }
    Dot(dot) { "dot" => Dot }
    Pool(pool) {
        "max_pool1d" => Pool::new(PoolOp::Max, false),
        "max_pool2d" => Pool::new(PoolOp::Max, true),
        "avg_pool1d" => Pool::new(PoolOp::Average, false),
        "avg_pool2d" => Pool::new(PoolOp::Average, true),
    }
    GlobalPool(global_pool) {
        "global_max_pool" => GlobalPool::new(PoolOp::Max),
        "global_avg_pool" => GlobalPool::new(PoolOp::Average),
    }
    ZeroPadding(zero_padding) {
        "zero_padding1d" => ZeroPadding::new(false),
        "zero_padding2d" => ZeroPadding::new(true),
    }
    Cropping(cropping) { "cropping1d" => Cropping::new(false), "cropping2d" => Cropping::new(true) }
    Resize(resize) {
        "upsample1d" => Resize::new(ResizeBy::Factor1d),
        "upsample2d" => Resize::new(ResizeBy::Factor2d),
        "resize2d" => Resize::new(ResizeBy::Extents2d),
    }
    Transpose(transpose) { "transpose" => Transpose::default() }
    RepeatVector(repeat_vector) { "repeat_vector" => RepeatVector::default() }
    Broadcast(broadcast) { "broadcast" => Broadcast::default() }
    Recurrent(recurrent) {
        "simple_rnn" => Recurrent::new(Cell::Simple),
        "lstm" => Recurrent::new(Cell::Lstm),
        "gru" => Recurrent::new(Cell::gru()),
    }
    Garnet(garnet) { "garnet" => Garnet::default() }
    TimeDistributed(time_distributed) { "time_distributed" => TimeDistributed::default() }
    Custom(custom) {}
    IntegrateAndFire(integrate_and_fire) {
        "integrate_and_fire" => IntegrateAndFire::new(false),
        "leaky_integrate_and_fire" => IntegrateAndFire::new(true),
    }
    SpikeReadout(spike_readout) { "spike_readout" => SpikeReadout::default() }
    MembraneReadout(membrane_readout) { "membrane_readout" => MembraneReadout::default() }
}

mod answer;
mod membrane;
mod moves;
mod running;
mod sliding;
mod sums;

pub use crate::constants::scalar_format;
pub use crate::tables::Function;
pub use batch_norm::batch_norm_affine;
pub use custom::{Definition, Definitions};
pub use einsum::Axes;
pub use garnet::Collapse;
pub use input::Range;
pub use membrane::Reset;
pub use membrane_readout::MembraneRule;
pub use merge::MergeOp;
pub use moves::Move;
pub use pool::{PoolOp, PoolPadding, pool_order};
pub use quantize::MAX_ELEMENT_WIDTH;
#[cfg(feature = "draft")]
pub(crate) use quantize::broadcast as broadcast_index;
pub use recurrent::{Cell, Curve, GateOrder};
pub use resize::ResizeBy;
pub use sliding::{Padding, Sliding};
pub use softmax::{Implementation, Rows};
pub use spike_readout::SpikeRule;
pub use table_activation::{SELU_LAMBDA, SELU_LAMBDA_FORMAT, selu_lambda};

/// An axis counted from the outermost, of one that may be counted from the end; `None` if there is no such axis.
pub fn axis_of(axis: i32, rank: usize) -> Option<usize> {
    let axis = i64::from(axis) + if axis < 0 { rank as i64 } else { 0 };
    usize::try_from(axis).ok().filter(|&axis| axis < rank)
}

/// Checks an attribute that is a real number.
fn finite(name: &'static str, value: f64) -> Result<(), Unfit> {
    if value.is_finite() && value.abs() < 1e9 {
        return Ok(());
    }
    Err(Unfit::Attr { name, expected: "a number between -1e9 and 1e9".to_owned(), found: value.to_string() })
}

/// What is expected of a result with more elements than a tensor may have.
fn few_elements() -> String {
    format!("a result of at most {MAX_ELEMENTS} elements")
}

/// Checks the size of a table.
fn check_table_size(name: &'static str, size: usize) -> Result<(), Unfit> {
    if (1..=MAX_SIZE).contains(&size) {
        return Ok(());
    }
    Err(Unfit::Attr { name, expected: format!("1 to {MAX_SIZE} entries"), found: size.to_string() })
}

impl Op {
    /// The layer that computes: the one inside of a layer that applies it to every step.
    pub fn inside(&self) -> &Self {
        match self {
            Self::TimeDistributed(steps) => steps.layer.inside(),
            other => other,
        }
    }

    /// The keyword, with that of the layer inside: `time_distributed(dense)`; what a layer of one's own is called.
    pub fn words(&self) -> String {
        let keyword = self.layer().keyword();
        match self {
            Self::TimeDistributed(steps) => format!("{keyword}({})", steps.layer.words()),
            Self::Custom(custom) => custom.name().to_owned(),
            _ => keyword.to_owned(),
        }
    }

    /// The layer's attributes.
    pub fn attrs(&mut self) -> Vec<Attr<'_>> {
        self.layer_mut().attrs()
    }

    /// Lets the layer settle itself.
    pub(crate) fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        self.layer().resolve(cx)
    }

    /// Forgets what the user has said about the values of an input.
    pub(crate) fn forget_range(&mut self) {
        if let Self::Input(input) = self {
            input.range = None;
        }
    }
}
