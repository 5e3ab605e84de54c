hls4rs::network! {
    struct Net;
    input x: [2, 3] as Fixed<8, 4>;
    output y = binary_threshold(x) { threshold: [1, 2] };
}

fn main() {}
