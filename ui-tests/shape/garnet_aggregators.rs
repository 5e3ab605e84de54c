hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    input n: [1] as Uint<4>;
    output y = garnet(x, n, 1, 200000000);
}

fn main() {}
