hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = gru(x, 1) { weight: [[1, 1], [1, 1]], recurrent_weight: 1 } as Fixed<16, 6>;
}

fn main() {}
