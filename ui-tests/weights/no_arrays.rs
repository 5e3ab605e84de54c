hls4rs::network! {
    struct Net { weights: "fixtures/empty.npz" }
    input x: [4] as Fixed<8, 4>;
    output fc = dense(x, 2);
}

fn main() {}
