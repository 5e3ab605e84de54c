hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<128, 128>;
    output y = relu(x) as Fixed<128, 0, Trn, Sat>;
}

fn main() {}
