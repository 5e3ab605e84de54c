hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = simple_rnn(x, 2) { recurrent_activation: sigmoid } as Fixed<16, 6>;
}

fn main() {}
