hls4rs::network! {
    struct Net;
    input x: [2, 2] as Uint<1>;
    output y = integrate_and_fire(x) { threshold: 1 } as Fixed<4, 0>;
}

fn main() {}
