hls4rs::network! {
    struct Net;
    input x: [2, 3] as Fixed<8, 4>;
    output y = einsum_dense(x, "nc,cd->nd", [2]) { weight: 1 };
}

fn main() {}
