hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4.5>;
    output y = relu(x);
}

fn main() {}
