hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    input h: [2] as Fixed<8, 4>;
    input c: [4] as Fixed<8, 4>;
    output y = lstm(x, h, c, 2) as Fixed<16, 6>;
}

fn main() {}
