hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    const h = relu(x);
    output y = relu(x);
}

fn main() {}
