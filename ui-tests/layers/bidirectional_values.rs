hls4rs::network! {
    struct Net;
    input x: [3, 1] as Fixed<8, 4>;
    output y = bidirectional_simple_rnn(x, 1) { weight: [[0.5]] } as Fixed<16, 6>;
}

fn main() {}
