hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = dense(x, 2) { weight: [[0.5, 3.0], [0.5, 1.0], [0.5, -9.0], [0.0, 0.0]] as Fixed<8, 2> };
}

fn main() {}
