hls4rs::network! {
    struct Net;
    input x: [4, 4, 2] as Fixed<8, 4>;
    input gate: [4, 2] as Fixed<8, 4>;
    output y = multiply(x, transpose(gate));
}

fn main() {}
