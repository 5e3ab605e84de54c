//! The keys of hls4ml's configurations.

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
