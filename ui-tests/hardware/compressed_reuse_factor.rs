hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = dense(x, 2) { weight: [[0.5; 2]; 4], strategy: compressed, reuse_factor: 9 };
}

fn main() {}
