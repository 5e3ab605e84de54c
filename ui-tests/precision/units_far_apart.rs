hls4rs::network! {
    struct Net;
    input a: [2] as Fixed<128, 128>;
    input b: [2] as Fixed<120, 0>;
    output y = add(a, b) as Fixed<64, 32, Trn, Sat>;
}

fn main() {}
