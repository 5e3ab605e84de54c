hls4rs::network! {
    struct Net;
    input x: [8, 3] as Fixed<8, 4>;
    output y = garnet(x, 2, 2) { weight: 0.5, distance_weight: 0.5 };
}

fn main() {}
