hls4rs::network! {
    struct Net;
    input x: [20000, 20000] as Fixed<8, 4>;
    output y = relu(x);
}

fn main() {}
