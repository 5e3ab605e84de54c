hls4rs::network! {
    struct Net;
    input x: [8, 8, 3] as Fixed<8, 4>;
    output y = conv2d(x, 4);
}

fn main() {}
