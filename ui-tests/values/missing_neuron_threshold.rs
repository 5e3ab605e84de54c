hls4rs::network! {
    struct Net;
    input x: [4, 2] as Uint<1>;
    output y = integrate_and_fire(x);
}

fn main() {}
