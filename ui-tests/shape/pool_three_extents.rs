hls4rs::network! {
    struct Net;
    input x: [8, 8, 2] as Fixed<8, 4>;
    output y = avg_pool2d(x, [2, 2, 2]);
}

fn main() {}
