hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = hard_tanh(x) { shift: 1e10 };
}

fn main() {}
