hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = dense(x) { units: Fixed<8, 4>, weight: 1 };
}

fn main() {}
