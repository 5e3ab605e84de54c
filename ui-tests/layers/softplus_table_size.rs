hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softplus(x, 0);
}

fn main() {}
