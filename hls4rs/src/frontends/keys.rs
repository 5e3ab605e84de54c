//! The keys of hls4ml's configurations.

use hls4rs_ir::draft::Setting;

/// What may stand beside `Model`, `LayerType` and `LayerName`; it concerns the project, not the network.
#[rustfmt::skip]
pub(super) const PROJECT: &[&str] = &[
    "Backend", "Board", "BoardDesc", "ClockPeriod", "ClockUncertainty", "Flows", "IOType", "InputData", "KerasH5",
    "KerasJson", "KerasModel", "OnnxModel", "Optimizers", "OutputDir", "OutputPredictions", "Part", "ProjectDir",
    "ProjectName", "PytorchModel", "SkipOptimizers", "Stamp", "Version", "WriterConfig", "XCLBinFormat", "Strategy",
];

/// Keys of a section in snake case.
#[rustfmt::skip]
pub(super) const SETTINGS: &[&str] = &[
    "algorithm", "backward_recurrent_reuse_factor", "backward_reuse_factor", "bit_exact", "bram_factor",
    "channels_last_conversion", "compiler_options", "compression", "conv_implementation",
    "depthwise_reuse_factor", "exp_scale", "forward_recurrent_reuse_factor", "forward_reuse_factor",
    "implementation", "input_shape", "parallelization_factor", "pipeline_interval", "pipeline_style",
    "pointwise_reuse_factor", "recurrent_reuse_factor", "reuse_factor", "skip", "static", "strategy",
    "table_range_power2", "table_size", "target_cycles", "time_step_loop_parallelism", "trace", "trace_output",
    "transpose_outputs",
];

/// Variables of a `Precision`.
#[rustfmt::skip]
pub(super) const VARIABLES: &[&str] = &[
    "accum", "aggr", "backward_bias", "backward_recurrent_bias", "backward_recurrent_weight", "backward_weight",
    "beta", "bias", "default", "depthwise", "depthwise_accum", "depthwise_result", "dw_output", "edge_weight",
    "edge_weight_aggr", "embeddings", "exp_table", "forward_bias", "forward_recurrent_bias",
    "forward_recurrent_weight", "forward_weight", "gamma", "inp_norm", "inv_inp", "inv_table", "maximum", "mean",
    "norm", "param", "pointwise", "pointwise_accum", "pointwise_result", "recurrent_bias", "recurrent_weight",
    "result", "scale", "shift", "slope", "table", "threshold", "threshold_hi", "threshold_lo", "variance", "weight",
    "zero_bias",
];

/// Types that are attributes of a layer: keys `table_t` and the like.
#[rustfmt::skip]
pub(super) const TYPES: &[&str] =
    &["accum", "exp_table", "inp_norm", "inv_inp", "inv_table", "param", "shift", "slope", "table"];

/// Settings of a section that concern the project: they belong under `Model`.
pub(super) const OF_THE_MODEL: &[&str] = &["bram_factor", "pipeline_interval", "pipeline_style"];

/// Why a setting has no effect: with what it is set to, hls4ml would build something else, or what it is about is
/// settled otherwise here.
pub(super) fn without_effect(key: &str, setting: &Setting) -> Option<&'static str> {
    let is = |usual: &str| setting.word().is_some_and(|word| word.eq_ignore_ascii_case(usual));
    match key {
        "conv_implementation" if !is("linebuffer") => Some("streams are read through line buffers"),
        "static" if *setting == Setting::Flag(false) => Some("the state is kept in registers"),
        "time_step_loop_parallelism" if !is("off") => Some("time steps run one after the other"),
        "algorithm" if !is("nearest") => Some("the model says how it resizes"),
        "depthwise_reuse_factor" | "pointwise_reuse_factor" if setting.size() != Some(1) => {
            Some("`ReuseFactor` is that of both halves")
        }
        "recurrent_reuse_factor"
        | "forward_reuse_factor"
        | "backward_reuse_factor"
        | "forward_recurrent_reuse_factor"
        | "backward_recurrent_reuse_factor"
            if setting.size() != Some(1) =>
        {
            Some("`ReuseFactor` is that of all matrices of the layer")
        }
        "channels_last_conversion" | "input_shape" | "transpose_outputs" => {
            Some("it is for models of PyTorch")
        }
        "compiler_options" => Some("projects bring their own"),
        _ => None,
    }
}
