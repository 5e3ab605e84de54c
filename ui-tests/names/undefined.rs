hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    let hidden = relu(x);
    output y = add(hiden, hidden);
}

fn main() {}
