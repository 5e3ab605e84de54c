hls4rs::network! {
    struct Net;
    input x: [2] as Fixed<8, 4>;
    output y = relu(x) as UFixed<8, 4, Trn, WrapSm<1>>;
}

fn main() {}
