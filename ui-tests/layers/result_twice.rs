hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = relu(x) { result: Fixed<8, 4> } as Fixed<8, 4>;
}

fn main() {}
