hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = layer_norm(x) { scale: 1, accum: Fixed<12, 4> };
}

fn main() {}
