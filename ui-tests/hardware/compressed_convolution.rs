hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<8, 4>;
    output y = conv1d(x, 2, 3) { weight: 0.5, strategy: compressed };
}

fn main() {}
