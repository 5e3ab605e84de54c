hls4rs::network! {
    struct Net;
    input x: [2] as Uint<1>;
    output y = embedding(x, 1, 2) { embeddings: [[1], [4]] as Fixed<4, 2> };
}

fn main() {}
