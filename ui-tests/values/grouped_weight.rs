hls4rs::network! {
    struct Net;
    input x: [8, 4] as Fixed<8, 4>;
    output y = conv1d(x, 2, 1) { groups: 2, weight: [[[1, 1], [1, 1], [1, 1], [1, 1]]] };
}

fn main() {}
