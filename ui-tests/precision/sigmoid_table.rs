hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = sigmoid(x) { table: Fixed<8, 0> };
}

fn main() {}
