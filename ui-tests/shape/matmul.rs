hls4rs::network! {
    struct Net;
    input a: [2, 3] as Fixed<8, 4>;
    input b: [4, 2] as Fixed<8, 4>;
    output y = matmul(a, b);
}

fn main() {}
