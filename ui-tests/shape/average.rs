hls4rs::network! {
    struct Net;
    input a: [2, 4] as Fixed<8, 4>;
    input b: [2, 3] as Fixed<8, 4>;
    output y = average(a, b);
}

fn main() {}
