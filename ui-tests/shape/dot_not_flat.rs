hls4rs::network! {
    struct Net;
    input a: [2, 2] as Fixed<8, 4>;
    output y = dot(a, a);
}

fn main() {}
