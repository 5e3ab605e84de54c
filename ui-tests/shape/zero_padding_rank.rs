hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = zero_padding1d(x, [1, 1]);
}

fn main() {}
