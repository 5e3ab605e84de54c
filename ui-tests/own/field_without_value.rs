hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = Filter(x) { taps: } -> [2] as Fixed<8, 4>;
}

fn main() {}
