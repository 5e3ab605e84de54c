hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    let h = relu(x);
    let h = linear(x);
    output y = add(h, x);
}

fn main() {}
