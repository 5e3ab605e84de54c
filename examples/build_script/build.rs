//! The model becomes `digits.rs` and the Vitis HLS project `model_vitis` in the folder of the build.

use hls4rs::backends::Backend;
use hls4rs::build::Model;

fn main() {
    Model::from_file("../digits/model.keras")
        .config("hls.toml")
        .name("Digits")
        .rust()
        .project(Backend::Vitis)
        .part("xcvu13p-flga2577-2-e")
        .clock_ns(5.0)
        .emit();
}
