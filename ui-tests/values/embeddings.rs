hls4rs::network! {
    struct Net;
    input x: [2] as Uint<1>;
    output y = embedding(x, 3, 2) { embeddings: [[1, 2], [3, 4]] };
}

fn main() {}
