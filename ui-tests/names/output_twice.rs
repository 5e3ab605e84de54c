hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    let h = relu(x);
    output h;
    output h;
}

fn main() {}
