hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = relu(x) as Fixed<4, 4, Rnd, WrapN<1.5>>;
}

fn main() {}
