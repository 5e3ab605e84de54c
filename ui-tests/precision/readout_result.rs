hls4rs::network! {
    struct Net;
    input x: [4, 12] as Uint<1>;
    output y = spike_readout(x) as Uint<3>;
}

fn main() {}
