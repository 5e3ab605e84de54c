hls4rs::network! {
    struct Net;
    input x: [1] as Fixed<8, 4>;
    output y = dense(x, 2) { weight: 0.5 as Fixed<64, 2> };
}

fn main() {}
