hls4rs::network! {
    struct Net;
    input x: [4, 2] as Uint<1>;
    output y = leaky_integrate_and_fire(x) { beta: 0.75 as Fixed<4, 0>, threshold: 2 };
}

fn main() {}
