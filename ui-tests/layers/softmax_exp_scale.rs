hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softmax(x) { exp_scale: 1e12 };
}

fn main() {}
