hls4rs::network! {
    struct Net { strategy: resource, reuse_factor: 3 }
    input x: [4] as Fixed<8, 4>;
    output y = dense(x, 2) { weight: [[0.5; 2]; 4] };
}

fn main() {}
