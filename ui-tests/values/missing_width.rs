hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = quantize(x) { int_bits: 2 };
}

fn main() {}
