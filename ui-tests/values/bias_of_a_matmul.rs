hls4rs::network! {
    struct Net;
    input a: [2, 2] as Fixed<8, 4>;
    input b: [2, 2] as Fixed<8, 4>;
    output y = matmul(a, b) { bias: [1, 2] };
}

fn main() {}
