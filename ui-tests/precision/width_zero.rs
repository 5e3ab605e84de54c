hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<0, 0>;
    output y = relu(x);
}

fn main() {}
