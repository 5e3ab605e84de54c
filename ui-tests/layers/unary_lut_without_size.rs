hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<4, 2>;
    output y = unary_lut(x) { table: 1 };
}

fn main() {}
