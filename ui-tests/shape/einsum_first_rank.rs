hls4rs::network! {
    struct Net;
    input a: [3] as Fixed<8, 4>;
    input b: [3, 2] as Fixed<8, 4>;
    output y = einsum(a, b, "ij,jk->ik");
}

fn main() {}
