hls4rs::network! {
    struct Net;
    input a: [4] as Fixed<8, 4>;
    input b: [3] as Fixed<8, 4>;
    output y = dot(a, b);
}

fn main() {}
