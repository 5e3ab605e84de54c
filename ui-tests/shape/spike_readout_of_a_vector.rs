hls4rs::network! {
    struct Net;
    input x: [8] as Uint<1>;
    output y = spike_readout(x);
}

fn main() {}
