hls4rs::network! {
    struct Net;
    input x: [8, 2] as Fixed<8, 4>;
    output y = leaky_integrate_and_fire(x) { beta: 0.5, threshold: 2, membrane: Fixed<8, 4> };
}

fn main() {}
