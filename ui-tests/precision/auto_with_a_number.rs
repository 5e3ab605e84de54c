hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = relu(x) as auto<8>;
}

fn main() {}
