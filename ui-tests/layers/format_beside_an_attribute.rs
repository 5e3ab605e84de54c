hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<8, 4>;
    output y = softmax(x) { axis: 0 as Fixed<8, 4> };
}

fn main() {}
