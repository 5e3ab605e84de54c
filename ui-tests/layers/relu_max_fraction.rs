hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = relu(x, 0.5);
}

fn main() {}
