hls4rs::network! {
    struct Net;
    input x: [4, 2] as Uint<1>;
    output y = spike_readout(x) { threshold: 2 };
}

fn main() {}
