hls4rs::network! {
    struct Net;
    input x: [200, 1] as Fixed<8, 4>;
    output y = membrane_readout(x) { beta: 2 };
}

fn main() {}
