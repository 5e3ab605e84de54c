hls4rs::network! {
    struct Net;
    input x: [4, 2] as Fixed<128, 128>;
    output y = integrate_and_fire(x) { threshold: 2, membrane: Fixed<128, 0> };
}

fn main() {}
