hls4rs::network! {
    struct Net { weights: "fixtures/uneven.npz" }
    input x: [2] as Fixed<8, 4>;
    output bn = batch_norm(x) { epsilon: 0.001 };
}

fn main() {}
