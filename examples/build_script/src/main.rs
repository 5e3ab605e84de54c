//! A network that the build script has imported from a trained Keras model.
//!
//! `cargo run --release -p hls4rs-example-build-script`

include!(concat!(env!("OUT_DIR"), "/model.rs"));

fn main() {
    // A zero, as scikit-learn's handwritten digits have it: 8x8 pixels from 0 to 16.
    let zero = [
        0, 0, 5, 13, 9, 1, 0, 0, //
        0, 0, 13, 15, 10, 15, 5, 0, //
        0, 3, 15, 2, 0, 11, 8, 0, //
        0, 4, 12, 0, 0, 8, 8, 0, //
        0, 5, 8, 0, 0, 9, 8, 0, //
        0, 4, 11, 0, 1, 12, 7, 0, //
        0, 2, 14, 5, 10, 12, 0, 0, //
        0, 0, 6, 13, 10, 0, 0, 0,
    ];
    let scores = Digits::new().predict(&zero.map(|pixel| Fixed::from_num(f64::from(pixel) / 16.0)));
    let scores = scores.map(|score| score.to_num::<f64>());
    let best = (0..10).reduce(|a, b| if scores[b] > scores[a] { b } else { a });
    println!("scores: {scores:.2?}");
    println!("the digit is {}", best.unwrap_or_default());
    println!("Vitis HLS project: {}/model_vitis", env!("OUT_DIR"));
}
