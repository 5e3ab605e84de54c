hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<130, 4>;
    output y = relu(x);
}

fn main() {}
