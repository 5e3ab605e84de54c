hls4rs::network! {
    struct Net;
    input x: [3, 1] as Fixed<8, 4>;
    output y = gru(x, 1) {
        activation: linear,
        weight: [[1.0, 1.0, 1.0]],
        recurrent_weight: [[1.0, 1.0, 1.0]],
    };
}

fn main() {}
