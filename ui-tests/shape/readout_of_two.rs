hls4rs::network! {
    struct Net;
    input x: [10, 3] as Uint<1>;
    output y = spike_readout(x, binary_logit);
}

fn main() {}
