hls4rs::network! {
    struct Net;
    input x: [4, 3] as Fixed<8, 4>;
    output y = time_distributed(relu(x) { strategy: resource });
}

fn main() {}
