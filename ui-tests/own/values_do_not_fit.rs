hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = Filter(x) { taps: 3, weight: [0.5, 4.0, 0.5] as Fixed<8, 2> } -> [2] as Fixed<8, 4>;
}

fn main() {}
