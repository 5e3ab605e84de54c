hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<128, 128>;
    output y = binary_threshold(x) { threshold: 1e-30 };
}

fn main() {}
