hls4rs::network! {
    struct Net;
    input x: [3, 4] as Fixed<8, 4>;
    output y = gru(x, 4) {
        weight: 0.5,
        recurrent_weight: 0.5,
        strategy: resource,
        recurrent_reuse_factor: 3,
    } as Fixed<16, 6>;
}

fn main() {}
