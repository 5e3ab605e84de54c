hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    input z: [3] as Fixed<8, 4>;
    output y = add(x, z);
}

fn main() {}
