hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softmax(x) { input_norm: UFixed<6, 2> };
}

fn main() {}
