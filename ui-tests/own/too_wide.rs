hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<80, 4>;
    output y = filters::Reverse(x) -> [4] as Fixed<8, 4>;
}

fn main() {}
