hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    let a = relu(b);
    let b = relu(x);
    output y = add(a, b);
}

fn main() {}
