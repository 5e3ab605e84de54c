hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    output y = depthwise_conv1d(x) { weight: 0.5 };
}

fn main() {}
