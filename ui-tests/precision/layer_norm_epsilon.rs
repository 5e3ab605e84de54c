hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = layer_norm(x, 0.0) { scale: 1 };
}

fn main() {}
