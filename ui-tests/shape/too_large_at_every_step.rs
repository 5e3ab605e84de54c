hls4rs::network! {
    struct Net;
    input x: [300, 4] as Fixed<8, 4>;
    output y = time_distributed(repeat_vector(x, 1000000));
}

fn main() {}
