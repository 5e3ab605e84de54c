hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = lstm(x, 1) { weight: 1, recurrent_weight: 1, strategy: compressed } as Fixed<16, 6>;
}

fn main() {}
