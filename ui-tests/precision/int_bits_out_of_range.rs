hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = relu(x) as Fixed<8, 100000>;
}

fn main() {}
