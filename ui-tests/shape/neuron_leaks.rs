hls4rs::network! {
    struct Net;
    input x: [10, 3] as Uint<1>;
    output y = leaky_integrate_and_fire(x) { beta: [0.5, 0.5], threshold: 4 };
}

fn main() {}
