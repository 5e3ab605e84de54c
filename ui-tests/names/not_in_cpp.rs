hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output a__b = relu(x);
}

fn main() {}
