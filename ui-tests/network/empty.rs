hls4rs::network! {
    struct Net;
}

fn main() {}
