hls4rs::network! {
    struct Net;
    input x: [4] as Int<8, 4>;
    output y = relu(x);
}

fn main() {}
