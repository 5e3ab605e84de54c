hls4rs::network! {
    struct Net;
    input x: [10, 3] as Uint<1>;
    output y = spike_readout(x) { class_threshold: 2 };
}

fn main() {}
