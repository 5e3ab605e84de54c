hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = prelu(x) { alpha: [0.5, 2] as Fixed<4, 1> };
}

fn main() {}
