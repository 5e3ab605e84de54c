//! Two firmwares for handwritten digits: one with room to spare, one of at most eight bits.

use hls4rs::prelude::*;

network! {
    /// Classifies 8x8 images of digits; the trained values of a float network in generous formats.
    pub struct DigitsFloat {
        weights: "digits/digits_float.npz",
        default: Fixed<20, 9>,
    }

    input image: [64] as UFixed<5, 1> in 0.0..=1.0;

    let fc1 = dense(image, 32);
    let h1 = relu(fc1);
    let fc2 = dense(h1, 32);
    let h2 = relu(fc2);
    let fc3 = dense(h2, 10);

    output fc3;
    output probs = softmax(fc3) as UFixed<16, 1>;
}

network! {
    /// Classifies 8x8 images of digits; trained with quantized weights and activations.
    pub struct DigitsQuant {
        weights: "digits/digits_quant.npz",
    }

    input image: [64] as UFixed<5, 1> in 0.0..=1.0;

    let fc1 = dense(image, 32) { weight: Fixed<6, 1>, bias: Fixed<8, 2> };
    let h1 = relu(fc1) as UFixed<8, 3, Rnd, Sat>;
    let fc2 = dense(h1, 32) { weight: Fixed<6, 1>, bias: Fixed<8, 2> };
    let h2 = relu(fc2) as UFixed<8, 3, Rnd, Sat>;
    let fc3 = dense(h2, 10) { weight: Fixed<6, 1>, bias: Fixed<8, 2> } as Fixed<8, 5, Rnd, Sat>;

    output fc3;
    output probs = softmax(fc3) as UFixed<8, 0, Rnd, Sat>;
}
