hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = tanh(x) { table: Fixed<72, 4> };
}

fn main() {}
