hls4rs::network! {
    struct Net;
    input x: [8] as Fixed<8, 4>;
    output y = global_avg_pool(x);
}

fn main() {}
