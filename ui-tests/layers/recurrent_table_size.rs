hls4rs::network! {
    struct Net;
    input x: [3, 2] as Fixed<8, 4>;
    output y = gru(x, 2) { table_size: 2000000 } as Fixed<16, 6>;
}

fn main() {}
