hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<128, 64>;
    output y = leaky_integrate_and_fire(x) { beta: 0.3, threshold: 2, membrane: Fixed<128, 8> };
}

fn main() {}
