hls4rs::network! {
    struct Net;
    input x: [4, 2, 3] as Fixed<8, 4>;
    output y = lstm(x, 2) as Fixed<16, 6>;
}

fn main() {}
