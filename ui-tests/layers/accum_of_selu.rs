hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = selu(x) { accum: Fixed<16, 6> };
}

fn main() {}
