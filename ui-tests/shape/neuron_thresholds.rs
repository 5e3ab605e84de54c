hls4rs::network! {
    struct Net;
    input x: [10, 3] as Uint<1>;
    output y = integrate_and_fire(x) { threshold: [1, 2] };
}

fn main() {}
