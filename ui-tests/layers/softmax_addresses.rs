hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<4, 2>;
    output y = softmax(x) { implementation: latency, exp_table_size: 1024 };
}

fn main() {}
