hls4rs::network! {
    struct Net;
    input x: [8, 4] as Fixed<8, 4>;
    output y = max_pool2d(x, [2, 2]);
}

fn main() {}
