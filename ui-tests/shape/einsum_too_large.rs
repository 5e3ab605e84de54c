hls4rs::network! {
    struct Net;
    input a: [20000, 1] as Fixed<8, 4>;
    input b: [1, 20000] as Fixed<8, 4>;
    output y = einsum(a, b, "ij,jk->ik");
}

fn main() {}
