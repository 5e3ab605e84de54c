hls4rs::network! {
    struct Net;
    input x: [2] as Uint<2>;
    output y = embedding(x);
}

fn main() {}
