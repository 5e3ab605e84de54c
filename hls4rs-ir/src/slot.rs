//! The places of a layer that have a number format of their own.

use core::fmt;

use hls4rs_fixed::Format;

macro_rules! slots {
    ($($(#[doc = $doc:literal])+ $variant:ident => $name:literal,)+) => {
        /// A place of a layer that has a number format, and for some also stored values.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Slot { $($(#[doc = $doc])+ $variant,)+ }

        impl Slot {
            /// Every slot, in the order of declaration.
            pub const ALL: &'static [Slot] = &[$(Slot::$variant),+];

            /// The keyword of the slot in the DSL, in configurations and in weight files.
            pub const fn name(self) -> &'static str {
                match self { $(Slot::$variant => $name),+ }
            }
        }
    };
}

slots! {
    /// The output of the layer.
    Result => "result",
    /// Weights that multiply the input.
    Weight => "weight",
    /// Constants that are added.
    Bias => "bias",
    /// Weights that multiply the state of the step before.
    RecurrentWeight => "recurrent_weight",
    /// Constants that are added to the products with the state.
    RecurrentBias => "recurrent_bias",
    /// The running sum of products.
    Accum => "accum",
    /// Factors of an affine layer.
    Scale => "scale",
    /// Slope or limit of a parametrized activation.
    Alpha => "alpha",
    /// Values of a function table.
    Table => "table",
    /// Values of the function table of a recurrent layer's gates.
    RecurrentTable => "recurrent_table",
    /// Values of the exponential table of a softmax.
    ExpTable => "exp_table",
    /// Values of the reciprocal table of a softmax.
    InvTable => "inv_table",
    /// Address of the reciprocal table of a softmax: the sum of the exponentials.
    InvInput => "inv_input",
    /// Address of the exponential table of a stable softmax: the distance to the maximum.
    InputNorm => "input_norm",
    /// Slope of a hard sigmoid.
    Slope => "slope",
    /// Offset of a hard sigmoid.
    Shift => "shift",
    /// All bits of each element of a quantizer.
    Width => "width",
    /// Integer bits of each element of a quantizer, sign included.
    IntBits => "int_bits",
    /// Which elements of a quantizer have a sign: 1 or 0.
    Signed => "signed",
    /// The vectors of an embedding.
    Embeddings => "embeddings",
    /// Where a binary activation turns to 1, or a neuron fires.
    Threshold => "threshold",
    /// Above this a ternary activation is 1.
    Upper => "upper",
    /// Up to this a ternary activation is -1.
    Lower => "lower",
    /// What a neuron keeps of its membrane from step to step.
    Beta => "beta",
    /// The membranes of spiking neurons.
    Membrane => "membrane",
    /// Constants of the features that aggregators hand on.
    TransformBias => "transform_bias",
    /// Weights of the distance to an aggregator.
    DistanceWeight => "distance_weight",
    /// Constants of the distance to an aggregator.
    DistanceBias => "distance_bias",
    /// The distance to an aggregator, which addresses the table of edge weights.
    Distance => "distance",
    /// Sums of edge weights.
    EdgeAccum => "edge_accum",
    /// The bias of a mean over vertices, in proportion to their number.
    ScaledBias => "scaled_bias",
    /// By what a sum over vertices is multiplied, for every number of them.
    Norm => "norm",
}

impl Slot {
    /// Finds a slot by its keyword.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|slot| slot.name() == name)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the user asked for in a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Exact and tight: cannot overflow, and no wider than weights and input ranges need.
    #[default]
    Auto,
    /// This format; a value that may wrap in it is a fault.
    Checked(Format),
    /// This format; the user has said that values may wrap in it.
    MayWrap(Format),
}

impl Precision {
    /// The format, if one was asked for.
    pub fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Checked(format) | Self::MayWrap(format) => Some(format),
        }
    }
}

/// A small map from [`Slot`] to `T`, ordered by slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotMap<T>(Vec<(Slot, T)>);

impl<T> Default for SlotMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SlotMap<T> {
    /// The entry of `slot`.
    pub fn get(&self, slot: Slot) -> Option<&T> {
        self.0.iter().find(|(s, _)| *s == slot).map(|(_, value)| value)
    }

    /// Sets the entry of `slot`, replacing what was there.
    pub fn set(&mut self, slot: Slot, value: T) {
        match self.0.binary_search_by_key(&slot, |(s, _)| *s) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (slot, value)),
        }
    }

    /// Removes the entry of `slot`.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let at = self.0.binary_search_by_key(&slot, |(s, _)| *s).ok()?;
        Some(self.0.remove(at).1)
    }

    /// All entries, ordered by slot.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        self.0.iter().map(|(slot, value)| (*slot, value))
    }
}

impl<T> FromIterator<(Slot, T)> for SlotMap<T> {
    fn from_iter<I: IntoIterator<Item = (Slot, T)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (slot, value) in entries {
            map.set(slot, value);
        }
        map
    }
}
