hls4rs::network! {
    struct Net;
    input x: [2, 2, 2, 2] as Fixed<8, 4>;
    output y = global_max_pool(x);
}

fn main() {}
