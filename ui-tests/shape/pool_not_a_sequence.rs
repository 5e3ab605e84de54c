hls4rs::network! {
    struct Net;
    input x: [8] as Fixed<8, 4>;
    output y = max_pool1d(x, 2);
}

fn main() {}
