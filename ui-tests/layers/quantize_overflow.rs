hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = quantize(x) { width: 4, int_bits: 2, overflow: WrapSm };
}

fn main() {}
