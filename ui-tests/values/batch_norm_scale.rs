hls4rs::network! {
    struct Net;
    input x: [2, 3] as Fixed<8, 4>;
    output y = batch_norm(x) { scale: [1, 2], bias: 0 };
}

fn main() {}
