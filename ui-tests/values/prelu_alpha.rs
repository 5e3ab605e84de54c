hls4rs::network! {
    struct Net;
    input x: [2, 3] as Fixed<8, 4>;
    output y = prelu(x) { alpha: [0.5, 0.5, 0.5] };
}

fn main() {}
