hls4rs::network! {
    struct Net;
    input x: [8, 1] as Fixed<8, 4>;
    input n: [1] as Uint<4>;
    output y = garnet(x, n, 1, 1) { weight: 1, distance_weight: 0.25, edge_accum: UFixed<12, 2> };
}

fn main() {}
