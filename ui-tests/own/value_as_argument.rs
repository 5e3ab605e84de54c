hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = MovingAverage(x, 4) -> [1] as Fixed<8, 4>;
}

fn main() {}
