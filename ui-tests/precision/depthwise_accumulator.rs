hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = depthwise_conv1d(x, 3) { weight: 1, accum: Fixed<8, 4> };
}

fn main() {}
