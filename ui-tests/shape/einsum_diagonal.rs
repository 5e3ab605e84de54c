hls4rs::network! {
    struct Net;
    input a: [2, 2] as Fixed<8, 4>;
    input b: [2, 3] as Fixed<8, 4>;
    output y = einsum(a, b, "ii,ij->ij");
}

fn main() {}
