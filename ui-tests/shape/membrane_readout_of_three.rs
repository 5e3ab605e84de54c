hls4rs::network! {
    struct Net;
    input x: [4, 3] as Fixed<8, 4>;
    output y = membrane_readout(x, binary_logit);
}

fn main() {}
