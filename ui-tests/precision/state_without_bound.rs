hls4rs::network! {
    struct Net;
    input x: [3, 1] as Fixed<8, 4>;
    output y = simple_rnn(x, 1) { activation: relu, weight: [[0.5]], recurrent_weight: [[1.0]] };
}

fn main() {}
