hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = binary_threshold(x) { threshold: 4 as Fixed<4, 2> };
}

fn main() {}
