hls4rs::network! {
    struct Net;
    input a: [5, 2, 3] as Fixed<8, 4>;
    input b: [4, 3, 2] as Fixed<8, 4>;
    output y = matmul(a, b);
}

fn main() {}
