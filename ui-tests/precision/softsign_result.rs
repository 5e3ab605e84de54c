hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softsign(x) as UFixed<8, 0>;
}

fn main() {}
