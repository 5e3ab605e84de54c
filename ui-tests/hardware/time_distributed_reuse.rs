hls4rs::network! {
    struct Net;
    input x: [4, 3] as Fixed<8, 4>;
    output y = time_distributed(dense(x, 2) { weight: 0.5, strategy: resource, reuse_factor: 5 });
}

fn main() {}
