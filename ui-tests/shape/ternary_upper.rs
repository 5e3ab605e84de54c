hls4rs::network! {
    struct Net;
    input x: [3] as Fixed<8, 4>;
    output y = ternary_threshold(x) { upper: [1, 1], lower: -1 };
}

fn main() {}
