hls4rs::network! {
    struct Net {
        io: stream,
    }
    input x: [8, 3] as Fixed<8, 4>;
    output y = conv1d(x, 4, 3) { weight: 0.5, parallelization_factor: 2 };
}

fn main() {}
