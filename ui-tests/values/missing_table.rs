hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<2, 2>;
    output y = unary_lut(x, 4);
}

fn main() {}
