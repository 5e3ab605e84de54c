hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    output y = conv1d(x, 4, 3) { weight: 0.5, dilation: 4 };
}

fn main() {}
