hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output bn = batch_norm(x) { scale: 0.5, epsilon: 0.001 };
}

fn main() {}
