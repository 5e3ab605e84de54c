hls4rs::network! {
    struct Net;
    input x: [2, 3] as Fixed<8, 4>;
    output y = broadcast(x, [3]);
}

fn main() {}
