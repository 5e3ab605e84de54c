hls4rs::network! {
    struct Net;
    input x: [4, 2] as Uint<1>;
    output y = spike_readout(x, binary_logit) as Fixed<3, 3>;
}

fn main() {}
