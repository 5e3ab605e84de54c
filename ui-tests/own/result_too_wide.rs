hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = Reverse(x) -> [4] as Fixed<64, 4>;
}

fn main() {}
