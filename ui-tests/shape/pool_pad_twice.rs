hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = max_pool1d(x, 3) { padding: same, pad: [1, 1] };
}

fn main() {}
