hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = gru(x, 2) { recurrent_activation: hard_sigmoid, recurrent_table: Fixed<16, 4> } as Fixed<16, 6>;
}

fn main() {}
