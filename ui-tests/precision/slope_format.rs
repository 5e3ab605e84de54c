hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = hard_sigmoid(x) { slope: 2.0 as UFixed<4, 0> };
}

fn main() {}
