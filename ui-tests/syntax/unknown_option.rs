hls4rs::network! {
    struct Net { defalt: Fixed<16, 6> }
    input x: [4] as Fixed<8, 4>;
    output y = relu(x);
}

fn main() {}
