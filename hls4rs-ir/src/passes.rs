//! hls4ml's passes over a draft, as far as they change numbers: one file each, in the order of its flows.

use crate::draft::{Config, Draft, DraftFaults};
use crate::hardware::Io;
use crate::precision::{arrange, configure, infer};

mod affine;

macro_rules! passes {
    ($($(#[doc = $about:literal])+ $name:ident;)+) => {
        $(mod $name;)+

        const ALL: &[Pass] = &[$(Pass {
            name: stringify!($name),
            about: concat!($($about),+),
            run: $name::run,
        }),+];

        /// The pass of a name.
        pub fn find(name: &str) -> Option<&'static Pass> {
            ALL.iter().find(|pass| pass.name == name)
        }
    };
}

passes! {
    /// A bias of its own becomes part of the layer before it.
    fuse_bias_add;
    /// Results of listed layers round and saturate as configured.
    output_rounding_saturation_mode;
    /// The factors of quantized weights become a layer of their own.
    qkeras_factorize_alpha;
    /// A factor in front of a ternary activation whose threshold is not one half.
    extract_ternary_threshold;
    /// Two affine layers, one after the other, become one.
    fuse_consecutive_batch_normalization;
    /// An affine layer becomes part of the weights before it.
    fuse_batch_normalization;
    /// A dense layer on several axes becomes a convolution with a window of one.
    replace_multidimensional_dense;
    /// Types come from intervals where the network has quantizers.
    bit_exact;
    /// A quantizer with one format for all elements becomes the type of the layer before it.
    fuse_fixed_point_quantizer;
    /// An input of unknown type takes that of its quantizers.
    fix_input_precision;
    /// A linear activation that changes nothing is left out.
    eliminate_linear_activation;
    /// A linear activation gives way to the layer before it, whose result is then derived.
    merge_linear_activation;
    /// An affine layer with factor 1 and offset 0 is left out.
    remove_nop_batch_normalization;
    /// An affine layer and a binary or ternary activation become a comparison.
    merge_batch_norm_quantized_tanh;
    /// A layer that only names the elements otherwise has the type of its input.
    inplace_reshape;
    /// A sum of products of -1, 0 and 1 needs few bits.
    quantize_dense_output;
    /// The greatest of one-bit values is one bit.
    xnor_pooling;
    /// A softmax that is to be skipped is left out.
    skip_softmax;
    /// The tables of a softmax are no larger than its input and its table's type can address.
    fix_softmax_table_size;
}

/// One pass.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The name.
    pub name: &'static str,
    /// What it does, one line.
    pub about: &'static str,
    /// Changes a draft; whether it has changed anything.
    pub run: fn(&mut Draft, &Around<'_>) -> Result<bool, DraftFaults>,
}

impl Pass {
    /// Whether it looks at the network as a whole and is done once.
    pub fn once(&self) -> bool {
        ONCE.contains(&self.name)
    }
}

/// What passes see beside the draft.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// How tensors travel.
    pub io: Io,
}

impl Around<'_> {
    /// Whether types are to come from intervals, if the configuration says so.
    fn asks_for_bit_exact(&self) -> Option<bool> {
        self.config.model.settings.get("bit_exact").map(|setting| setting.is_set())
    }
}

/// The passes in front of the first derivation of types; they are repeated until none of them changes anything.
const CONVERT: &[&str] = &[
    "fuse_bias_add",
    "output_rounding_saturation_mode",
    "qkeras_factorize_alpha",
    "extract_ternary_threshold",
    "fuse_consecutive_batch_normalization",
    "fuse_batch_normalization",
    "replace_multidimensional_dense",
    "bit_exact",
    "fuse_fixed_point_quantizer",
    "fix_input_precision",
    "eliminate_linear_activation",
    "merge_linear_activation",
];
/// Passes over the network as a whole, which are done once.
const ONCE: &[&str] = &["bit_exact"];
/// Those of the backend, which see types.
const BACKEND: &[&str] = &[
    "remove_nop_batch_normalization",
    "merge_batch_norm_quantized_tanh",
    "quantize_dense_output",
    "fuse_consecutive_batch_normalization",
    "inplace_reshape",
    "xnor_pooling",
    "skip_softmax",
];

/// Settles every type of a draft and applies all passes.
///
/// # Errors
/// Everything that has no meaning.
pub fn run(draft: &mut Draft, config: &Config, io: Io) -> Result<(), DraftFaults> {
    let mut config = config.clone();
    draft.nodes.iter().for_each(|node| config.split(node));
    let around = Around { config: &config, io };
    draft.check_values(&draft.shapes()?)?;
    configure(draft, &config)?;
    repeat(draft, &around, CONVERT)?;
    settle(draft, &config)?;
    repeat(draft, &around, BACKEND)?;
    settle(draft, &config)?;
    repeat(draft, &around, &["fix_softmax_table_size"])?;
    arrange(draft, &config, io)
}

fn settle(draft: &mut Draft, config: &Config) -> Result<(), DraftFaults> {
    let shapes = draft.shapes()?;
    infer(draft, config, &shapes);
    Ok(())
}

/// After every change the first pass sees the draft again.
fn repeat(draft: &mut Draft, around: &Around<'_>, names: &[&str]) -> Result<(), DraftFaults> {
    let mut passes: Vec<_> = names.iter().filter_map(|name| find(name)).collect();
    let mut at = 0;
    while let Some(&pass) = passes.get(at) {
        if !(pass.run)(draft, around)? {
            at += 1;
            continue;
        }
        if pass.once() {
            passes.remove(at);
        }
        at = 0;
    }
    Ok(())
}

/// Applies `change` to the nodes one after the other until it has changed one.
fn first_change(
    draft: &mut Draft,
    mut change: impl FnMut(&mut Draft, usize) -> Result<bool, DraftFaults>,
) -> Result<bool, DraftFaults> {
    let mut at = 0;
    while at < draft.nodes.len() {
        if change(draft, at)? {
            return Ok(true);
        }
        at += 1;
    }
    Ok(false)
}
