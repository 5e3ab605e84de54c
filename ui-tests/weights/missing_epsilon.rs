hls4rs::network! {
    struct Net { weights: "fixtures/statistics.npz" }
    input x: [2] as Fixed<8, 4>;
    output bn = batch_norm(x);
}

fn main() {}
