hls4rs::network! {
    struct Net;
    input x: [10, 3] as Fixed<8, 4>;
    output y = integrate_and_fire(x) { threshold: 4, membrane: Fixed<8, 4> };
}

fn main() {}
