hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<24, 8>;
    output y = unary_lut(x, 1024) { table: 1 };
}

fn main() {}
