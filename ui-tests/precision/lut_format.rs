hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<1, 1>;
    output y = unary_lut(x, 2) { table: [1, 4] as Fixed<4, 2> };
}

fn main() {}
