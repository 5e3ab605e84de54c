hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<100, 50>;
    let h = dense(x, 1) { weight: 1.0 as Fixed<60, 20> };
    output y = relu(h);
}

fn main() {}
