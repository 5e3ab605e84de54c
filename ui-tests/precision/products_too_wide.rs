hls4rs::network! {
    struct Net;
    input a: [2, 2] as Fixed<128, 64>;
    input b: [2, 2] as Fixed<120, 60>;
    output y = matmul(a, b) as Fixed<64, 32, Trn, Sat>;
}

fn main() {}
