hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    output y = depthwise_conv2d(x, [3, 3]) { weight: 0.5 };
}

fn main() {}
