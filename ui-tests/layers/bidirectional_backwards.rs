hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = bidirectional_lstm(x, 1) { go_backwards: true } as Fixed<16, 6>;
}

fn main() {}
