hls4rs::network! {
    struct Net;
    input x: [4, 8] as Fixed<8, 4>;
    output y = time_distributed(x);
}

fn main() {}
