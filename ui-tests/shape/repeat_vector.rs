hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<8, 4>;
    output y = repeat_vector(x, 3);
}

fn main() {}
