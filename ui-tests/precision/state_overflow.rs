hls4rs::network! {
    struct Net;
    input x: [3, 1] as Fixed<8, 4>;
    output y = lstm(x, 1) {
        weight: [[0.5, 0.5, 0.5, 0.5]],
        recurrent_weight: [[0.0, 0.0, 0.0, 0.0]],
    } as Fixed<12, 2>;
}

fn main() {}
