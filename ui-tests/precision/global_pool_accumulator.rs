hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = global_avg_pool(x) { accum: Fixed<8, 4> };
}

fn main() {}
