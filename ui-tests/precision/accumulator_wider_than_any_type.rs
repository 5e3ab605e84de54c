hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<128, 64>;
    output y = dense(x, 1) { weight: [[1000], [1000]], accum: Fixed<128, 64> } as Fixed<64, 32, Trn, Sat>;
}

fn main() {}
