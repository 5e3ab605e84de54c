hls4rs::network! {
    struct Net;
    input x: [4] as Fixed<8, 4>;
    output y = softmax(x) { inv_input: UFixed<6, 3>, inv_table_size: 1024 };
}

fn main() {}
