hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = binary_threshold(x) { threshold: 0.5 } as UFixed<4, 0>;
}

fn main() {}
