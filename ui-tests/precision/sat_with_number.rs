hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = relu(x) as Fixed<8, 4, Trn, Sat<1>>;
}

fn main() {}
