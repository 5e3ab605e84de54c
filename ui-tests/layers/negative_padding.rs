hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = zero_padding1d(x, [1, -1]);
}

fn main() {}
