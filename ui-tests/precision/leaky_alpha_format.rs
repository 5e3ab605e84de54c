hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = leaky_relu(x, 4.0) { alpha: Fixed<4, 1> };
}

fn main() {}
