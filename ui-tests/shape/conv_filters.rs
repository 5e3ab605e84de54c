hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    output y = conv1d(x, 200000000, 3);
}

fn main() {}
