hls4rs::network! {
    struct Net;
    input a: [4, 8] as Fixed<8, 4>;
    input b: [4, 8] as Fixed<8, 4>;
    output y = time_distributed(add(a, b));
}

fn main() {}
