hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    let double = relu(x);
    output y = relu(double);
}

fn main() {}
