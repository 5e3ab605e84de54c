hls4rs::network! {
    struct Net;
    input x: [8, 4, 3] as Fixed<8, 4>;
    output y = conv2d(x, 4, [3, 5]) { weight: 0.5 };
}

fn main() {}
