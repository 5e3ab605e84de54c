use hls4rs::prelude::*;

network! {
    /// Each line but the first has a mistake of its own.
    pub struct Net {
        weights: "fixtures/small.npz",
        default: Fixed<16, 6>,
        strategy: resource,
    }
    input x: [4] as Fixed<8, 4> in -8.0..8.0;
    let fc = dense(x, 2) { weight: Fixed<8, 1>, reuse_factor: 3 };
    let narrow = dense(x, 2) { weight: [[3.5; 2]; 4], accum: Fixed<10, 5> };
    let typo = sofmax(narrow);
    let wide = relu(x) as UFixed<6, 2>;
    let sum = add(fc, typo);
    output y = dense(wide, 5);
}

// What is left of the network can be used without further errors.
fn main() {
    let net = Net::new();
    let x = [Fixed::<8, 4>::default(); 4];
    let y: [Fixed<16, 6>; 5] = net.predict(&x);
    assert_eq!(y.len(), 5);
}
