hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = batch_norm(x) { scale: [2, 1], bias: 0 } as Fixed<8, 4>;
}

fn main() {}
