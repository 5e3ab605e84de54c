hls4rs::network! {
    struct Net;
    input x: [4, 4, 2] as Fixed<8, 4>;
    output y = zero_padding2d(x, [1, 1]);
}

fn main() {}
