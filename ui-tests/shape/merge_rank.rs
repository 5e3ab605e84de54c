hls4rs::network! {
    struct Net;
    input x: [2, 2, 4] as Fixed<8, 4>;
    input z: [3, 4] as Fixed<8, 4>;
    output y = maximum(x, z);
}

fn main() {}
