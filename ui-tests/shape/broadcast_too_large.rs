hls4rs::network! {
    struct Net;
    input x: [1] as Fixed<8, 4>;
    output y = broadcast(x, [100000, 100000]);
}

fn main() {}
