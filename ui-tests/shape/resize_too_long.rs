hls4rs::network! {
    struct Net;
    input x: [4, 1, 1] as Fixed<8, 4>;
    output y = resize2d(x, [20000, 1]);
}

fn main() {}
