hls4rs::network! {
    struct Net;
    input a: [4] as Fixed<8, 4>;
    input b: [4] as Fixed<8, 4>;
    input c: [4] as Fixed<8, 4>;
    output y = add(a, b, c);
}

fn main() {}
