hls4rs::network! {
    struct Net;
    input x: [] as Fixed<8, 4>;
    output y = relu(x);
}

fn main() {}
