hls4rs::network! {
    struct Net;
    input a: [2] as Fixed<8, 4>;
    input b: [2] as Fixed<8, 4>;
    output y = add(a, b) as Fixed<8, 4>;
}

fn main() {}
