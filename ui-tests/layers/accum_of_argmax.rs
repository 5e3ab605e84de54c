hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softmax(x) { implementation: argmax, accum: Fixed<16, 6> };
}

fn main() {}
