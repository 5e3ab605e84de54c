hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<8, 4>;
    output y = membrane_readout(x, binary_logit) as Fixed<8, 4>;
}

fn main() {}
