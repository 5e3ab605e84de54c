hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = ternary_threshold(x) { upper: 1, lower: -1 } as Fixed<4, 1>;
}

fn main() {}
