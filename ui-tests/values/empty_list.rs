hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = dense(x, 1) { weight: [] };
}

fn main() {}
