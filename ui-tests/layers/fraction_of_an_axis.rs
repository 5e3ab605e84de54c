hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<8, 4>;
    output y = transpose(x, [0.5, 1]);
}

fn main() {}
