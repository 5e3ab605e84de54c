hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softmax(x) { table_size: 1000 };
}

fn main() {}
