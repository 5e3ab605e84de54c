hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = bidirectional_dense(x, 1);
}

fn main() {}
