hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    input z: [4] as UFixed<8, 4>;
    output y = subtract(x, z) as Fixed<10, 5, Rnd>;
}

fn main() {}
