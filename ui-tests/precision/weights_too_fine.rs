hls4rs::network! {
    struct Net;
    input x: [1] as Fixed<8, 4>;
    output y = dense(x, 2) { weight: [[1e9, 1e-12]] };
}

fn main() {}
