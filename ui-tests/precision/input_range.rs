hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4> in -8.0..=8.0;
    output y = relu(x);
}

fn main() {}
