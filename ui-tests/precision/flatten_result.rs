hls4rs::network! {
    struct Net;
    input x: [2, 2] as Fixed<8, 4>;
    output y = flatten(x) as Fixed<6, 2>;
}

fn main() {}
