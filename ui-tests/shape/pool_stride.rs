hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = avg_pool1d(x, 2) { stride: [2, 2] };
}

fn main() {}
