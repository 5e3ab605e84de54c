hls4rs::network! {
    struct Net;
    input x: [4, 8, 3] as Fixed<8, 4>;
    output y = time_distributed(conv2d(x, 2, [3, 3]) { weight: 0.5 });
}

fn main() {}
