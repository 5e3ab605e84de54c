hls4rs::network! {
    enum Net {}
}

fn main() {}
