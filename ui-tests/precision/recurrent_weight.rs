hls4rs::network! {
    struct Net;
    input x: [3, 1] as Fixed<8, 4>;
    output y = simple_rnn(x, 1) { weight: [[1.0]], recurrent_weight: [[4.0]] as Fixed<8, 2> } as Fixed<16, 6>;
}

fn main() {}
