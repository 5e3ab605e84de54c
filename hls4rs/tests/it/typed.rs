//! The functions that `network!` expands to, against the engine.

use hls4rs::fixed::{Fixed, Format, Int, Number, Rnd, RndConv, Sat, SatSym, Trn, TrnZero, UFixed};
use hls4rs::ir::ops::{
    BatchNorm, Concatenate, Conv, Dense, Elu, Function, Hard, Implementation, LeakyRelu, Merge, MergeOp,
    Prelu, Relu, Softmax, TableActivation, ThresholdedRelu,
};
use hls4rs::ir::{Slot, Strategy, used_weights};
use hls4rs::layers::{self, Constants, SoftmaxTypes};

use crate::nets::{Layer, shape};

/// Numbers without a pattern.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x ^ (x >> 29)
    }

    /// Raw values of a format of at most 63 bits, its ends among them.
    fn raw(&mut self, format: Format, n: usize) -> Vec<i64> {
        let (lo, hi) = (format.min_raw().to_i64().unwrap(), format.max_raw().to_i64().unwrap());
        let each = |noise: u64| match noise % 9 {
            0 => lo,
            1 => hi,
            2 => 0,
            _ => lo + ((noise >> 8) % (hi - lo + 1) as u64) as i64,
        };
        (0..n).map(|_| each(self.next())).collect()
    }
}

/// Constants as an expansion has them.
fn constants<T: Number, const N: usize>(raw: &[i64]) -> Constants<T, N> {
    let size = size_of::<T::Bits>();
    let bytes: Vec<u8> = raw.iter().flat_map(|v| i128::from(*v).to_le_bytes()[..size].to_vec()).collect();
    Constants::new(bytes.leak())
}

fn numbers<X: Number, const N: usize>(raw: &[i64]) -> [X; N] {
    std::array::from_fn(|i| X::from_raw(raw[i].into()))
}

const SAMPLES: usize = 150;

/// Compares a function of `N` numbers with a layer, for all samples; results of at most 64 bits.
#[track_caller]
fn same<X: Number, R: Number, const N: usize, const M: usize>(layer: &Layer, f: impl Fn(&[X; N]) -> [R; M]) {
    let x = Noise(7).raw(X::FORMAT, SAMPLES * N);
    let expected = layer.run(std::slice::from_ref(&x));
    for (x, expected) in x.chunks(N).zip(expected.chunks(M)) {
        let found: Vec<i64> = f(&numbers(x)).iter().map(|y| i64::try_from(y.raw()).unwrap()).collect();
        assert_eq!(found, expected, "{layer:?}, inputs {x:?}");
    }
}

#[test]
fn dense_in_every_way_of_summing() {
    fn check<X: Number, W: Number, B: Number, A: Number, R: Number>(rf: Option<usize>) {
        let mut noise = Noise(X::FORMAT.width.into());
        let (w, b) = (noise.raw(W::FORMAT, 6 * 5), noise.raw(B::FORMAT, 5));
        let (weight, bias) = (constants::<W, 30>(&w), constants::<B, 5>(&b));
        let mut layer = Layer::new(Dense { units: 5 }, &[6], X::FORMAT, R::FORMAT)
            .stores(Slot::Weight, &[6, 5], W::FORMAT, w)
            .stores(Slot::Bias, &[5], B::FORMAT, b)
            .format(Slot::Accum, A::FORMAT);
        layer.arranged = rf.map(|rf| (Strategy::Resource, rf));
        let stride = rf.unwrap_or(1);
        same::<X, R, 6, 5>(&layer, |x| layers::dense(x, &weight, &bias, layers::accum::<A>(), stride));
    }
    // Exact sums of 32, 64, 128 and more bits.
    check::<Fixed<16, 6>, Fixed<8, 1>, Fixed<8, 1>, Fixed<28, 11>, Fixed<16, 6, Rnd, Sat>>(None);
    check::<UFixed<12, 5>, Fixed<16, 2>, Fixed<16, 6>, Fixed<40, 19>, Fixed<20, 9>>(None);
    check::<Fixed<40, 20>, Fixed<30, 10>, Fixed<30, 10>, Fixed<80, 40>, Fixed<30, 20>>(None);
    check::<Fixed<60, 20>, Fixed<53, 10>, Fixed<53, 10>, Fixed<128, 45>, Fixed<40, 20, Rnd>>(None);
    // Sums that wrap, also unsigned.
    check::<Fixed<16, 6>, Fixed<16, 6>, Fixed<16, 6>, Fixed<16, 6>, Fixed<16, 6>>(None);
    check::<Fixed<16, 6>, Fixed<16, 6>, Fixed<16, 6>, Fixed<20, 9>, UFixed<12, 5, Rnd, Sat>>(None);
    check::<Fixed<9, 3>, Fixed<8, 3>, Fixed<8, 3>, UFixed<14, 5>, Fixed<16, 6>>(None);
    check::<Fixed<18, 3>, Fixed<17, 3>, Fixed<8, 3>, Fixed<24, 9>, Fixed<16, 6>>(None);
    // Every product and sum cast, in both orders.
    check::<Fixed<8, 3>, Fixed<7, 2>, Fixed<9, 3>, Fixed<11, 6, RndConv, Sat>, Fixed<9, 5, Rnd, Sat>>(None);
    check::<Fixed<8, 3>, Fixed<7, 2>, Fixed<9, 3>, Fixed<11, 6, TrnZero, SatSym>, Fixed<9, 5>>(Some(2));
    check::<Fixed<8, 3>, Fixed<7, 2>, Fixed<9, 3>, Fixed<9, 4, Rnd, Sat>, Fixed<9, 5>>(Some(3));
    check::<Fixed<8, 3>, Fixed<7, 2>, Fixed<9, 3>, Fixed<9, 4, Trn, Sat>, Fixed<9, 5>>(Some(2));
    check::<Fixed<8, 3>, Fixed<7, 2>, Fixed<9, 3>, Fixed<9, 4, Rnd>, Int<9>>(None);
}

#[test]
fn lists_of_weights_in_every_way_of_summing() {
    fn check<A: Number, R: Number>(steps: usize) {
        type X = Fixed<8, 3>;
        let mut noise = Noise(A::FORMAT.width.into());
        let mut w = noise.raw(Fixed::<7, 2>::FORMAT, 6 * 5);
        // Columns of 6, 0, 4, 5 and 6 weights.
        w.iter_mut().for_each(|w| *w |= 1);
        for at in [1, 6, 11, 16, 21, 26, 2, 17, 8] {
            w[at] = 0;
        }
        let places: Vec<i64> = used_weights(&w, 5).into_iter().map(|at| at as i64).collect();
        assert_eq!(places.len(), 21);
        let (weight, used) = (constants::<Fixed<7, 2>, 30>(&w), constants::<Int<8>, 21>(&places));
        let b = noise.raw(Fixed::<9, 3>::FORMAT, 5);
        let bias = constants::<Fixed<9, 3>, 5>(&b);
        let mut layer = Layer::new(Dense { units: 5 }, &[2, 6], X::FORMAT, R::FORMAT)
            .stores(Slot::Weight, &[6, 5], Fixed::<7, 2>::FORMAT, w)
            .stores(Slot::Bias, &[5], Fixed::<9, 3>::FORMAT, b)
            .format(Slot::Accum, A::FORMAT);
        layer.arranged = Some((Strategy::Compressed, steps));
        same::<X, R, 12, 10>(&layer, |x| {
            layers::compressed_dense(x, &weight, &bias, layers::accum::<A>(), &used, steps)
        });
    }
    check::<Fixed<24, 12>, Fixed<16, 6>>(2);
    check::<Fixed<11, 6>, Fixed<9, 5, Rnd, Sat>>(3);
    check::<Fixed<9, 4, Rnd>, Fixed<9, 4>>(4);
    check::<Fixed<9, 4, Rnd, Sat>, Fixed<9, 4>>(1);
    check::<Fixed<9, 4, Trn, Sat>, Fixed<9, 4>>(4);
    check::<Fixed<9, 4, TrnZero, SatSym>, Fixed<9, 4>>(20);
    check::<UFixed<9, 4, Trn, Sat>, Fixed<9, 4>>(30);
}

#[test]
fn channels_that_are_dealt_out_together() {
    fn check<A: Number>(steps: usize) {
        type X = Fixed<8, 3>;
        type R = Fixed<9, 5>;
        let mut noise = Noise(steps as u64);
        let (w, b) = (noise.raw(Fixed::<7, 2>::FORMAT, 4 * 3), noise.raw(Fixed::<9, 3>::FORMAT, 3));
        let (weight, bias) = (constants::<Fixed<7, 2>, 12>(&w), constants::<Fixed<9, 3>, 3>(&b));
        let mut conv = Conv::depthwise(1);
        conv.sliding.kernel = vec![4];
        let geometry = conv.geometry(&shape(&[5, 3])).unwrap();
        let mut layer = Layer::new(conv, &[5, 3], X::FORMAT, R::FORMAT)
            .stores(Slot::Weight, &[4, 3], Fixed::<7, 2>::FORMAT, w)
            .stores(Slot::Bias, &[3], Fixed::<9, 3>::FORMAT, b)
            .format(Slot::Accum, A::FORMAT);
        layer.arranged = Some((Strategy::Resource, steps));
        same::<X, R, 15, 6>(&layer, |x| {
            layers::conv(x, &weight, &bias, layers::accum::<A>(), steps, &geometry)
        });
    }
    for steps in [1, 2, 3, 4, 6, 12] {
        check::<Fixed<9, 4, Trn, Sat>>(steps);
        check::<Fixed<9, 4, Rnd, SatSym>>(steps);
        check::<Fixed<9, 4>>(steps);
    }
}

#[test]
fn the_order_of_channels_is_that_of_the_steps() {
    // The products of channel 1 of 2 have places 1, 3 and 5. In two steps they keep their order: 3 + 6 saturates at 7,
    // and 5 less is 2. In three steps the second one comes first: 3 - 5 + 6.
    type A = Fixed<4, 4, Trn, Sat>;
    let mut conv = Conv::depthwise(1);
    conv.sliding.kernel = vec![3];
    let geometry = conv.geometry(&shape(&[3, 2])).unwrap();
    let (weight, bias) = (constants::<Int<4>, 6>(&[0, 6, 0, -5, 0, 0]), constants::<Int<4>, 2>(&[0, 3]));
    let x = [1; 6].map(Int::<4>::from_bits);
    let with =
        |steps| -> [Int<8>; 2] { layers::conv(&x, &weight, &bias, layers::accum::<A>(), steps, &geometry) };
    assert_eq!(with(1).map(|y| y.to_bits()), [0, 2]);
    assert_eq!(with(2).map(|y| y.to_bits()), [0, 2]);
    assert_eq!(with(3).map(|y| y.to_bits()), [0, 4]);
}

#[test]
fn products_are_cast_before_they_are_added() {
    // No sum leaves the limits of the accumulator, 300 - 8 · 3 at the least, but the product does: it becomes 0.
    type A = UFixed<10, 10, Trn, Sat>;
    let layer = Layer::new(Dense { units: 1 }, &[1], UFixed::<2, 2>::FORMAT, Fixed::<12, 12>::FORMAT)
        .stores(Slot::Weight, &[1, 1], Fixed::<4, 4>::FORMAT, vec![-8])
        .stores(Slot::Bias, &[1], UFixed::<9, 9>::FORMAT, vec![300])
        .format(Slot::Accum, A::FORMAT);
    assert_eq!(layer.run(&[vec![3]]), [300]);
    let (weight, bias) = (constants::<Fixed<4, 4>, 1>(&[-8]), constants::<UFixed<9, 9>, 1>(&[300]));
    let x = [UFixed::<2, 2>::from_bits(3)];
    let y: [Fixed<12, 12>; 1] = layers::dense(&x, &weight, &bias, layers::accum::<A>(), 1);
    assert_eq!(y[0].to_bits(), 300);
}

#[test]
fn elementwise_layers() {
    type X = Fixed<12, 5>;
    type R = Fixed<10, 4, Rnd, Sat>;
    let layer = |op: hls4rs::ir::Op| Layer::new(op, &[4], X::FORMAT, R::FORMAT);
    same::<X, R, 4, 4>(&layer(Relu { max: None }.into()), layers::relu);
    same::<X, R, 4, 4>(&layer(Relu { max: Some(6.0) }.into()), |x| layers::relu_max(x, 6));
    same::<X, R, 4, 4>(&layer(hls4rs::ir::ops::Linear.into()), layers::linear);

    type A = UFixed<8, 0>;
    let leaky = layer(LeakyRelu { alpha: 0.3 }.into()).format(Slot::Alpha, A::FORMAT);
    same::<X, R, 4, 4>(&leaky, |x| layers::leaky_relu(x, A::from_num(0.3)));
    type Theta = Fixed<9, 3>;
    let threshold = layer(ThresholdedRelu { theta: 1.3 }.into()).format(Slot::Alpha, Theta::FORMAT);
    same::<X, R, 4, 4>(&threshold, |x| layers::thresholded_relu(x, Theta::from_num(1.3)));
    let alpha = [3, -5, 120, 77];
    let prelu = layer(Prelu.into()).stores(Slot::Alpha, &[4], Fixed::<8, 1>::FORMAT, alpha.to_vec());
    let slopes = constants::<Fixed<8, 1>, 4>(&alpha);
    same::<X, R, 4, 4>(&prelu, |x| layers::prelu(x, &slopes));

    type S = UFixed<16, 0>;
    type H = UFixed<2, 0>;
    for tanh in [false, true] {
        let hard = layer(Hard { tanh, slope: 0.2, shift: 0.5 }.into())
            .format(Slot::Slope, S::FORMAT)
            .format(Slot::Shift, H::FORMAT);
        let (slope, shift) = (S::from_num(0.2), H::from_num(0.5));
        same::<X, R, 4, 4>(&hard, |x| {
            if tanh { layers::hard_tanh(x, slope, shift) } else { layers::hard_sigmoid(x, slope, shift) }
        });
    }

    let (scale, bias) = ([100, -7], [31, -256]);
    let norm = Layer::new(BatchNorm, &[2, 2], X::FORMAT, R::FORMAT)
        .stores(Slot::Scale, &[2], Fixed::<8, 2>::FORMAT, scale.to_vec())
        .stores(Slot::Bias, &[2], Fixed::<9, 4>::FORMAT, bias.to_vec());
    let (scale, bias) = (constants::<Fixed<8, 2>, 2>(&scale), constants::<Fixed<9, 4>, 2>(&bias));
    same::<X, R, 4, 4>(&norm, |x| layers::batch_norm(x, &scale, &bias));
}

#[test]
fn tables() {
    type T = Fixed<18, 8>;
    type R = Fixed<16, 6>;
    fn check<X: Number>() {
        macro_rules! functions {
            ($($function:ident, $typed:ident;)+) => { $(
                let op = TableActivation { function: Function::$function, table_size: 200 };
                let layer = Layer::new(op, &[3], X::FORMAT, R::FORMAT).format(Slot::Table, T::FORMAT);
                let network = layer.network();
                let id = network.graph().find("y").unwrap();
                let table = constants::<T, 200>(&network.facts(id).constant(Slot::Table).raw);
                same::<X, R, 3, 3>(&layer, |x| layers::$typed(x, &table));
            )+ };
        }
        functions! {
            Sigmoid, sigmoid;
            Tanh, tanh;
            Softplus, softplus;
            Softsign, softsign;
            Selu, selu;
        }
        type A = UFixed<8, 1>;
        let layer = Layer::new(Elu { alpha: 0.7, table_size: 256 }, &[3], X::FORMAT, R::FORMAT)
            .format(Slot::Table, T::FORMAT)
            .format(Slot::Alpha, A::FORMAT);
        let network = layer.network();
        let id = network.graph().find("y").unwrap();
        let table = constants::<T, 256>(&network.facts(id).constant(Slot::Table).raw);
        same::<X, R, 3, 3>(&layer, |x| layers::elu(x, A::from_num(0.7), &table));
    }
    check::<Fixed<10, 5>>();
    check::<UFixed<9, 4>>();
    check::<Fixed<6, 9>>();
    check::<Fixed<50, 20>>();
}

#[test]
fn softmaxes() {
    type T = Fixed<18, 8, Rnd, Sat>;
    type R = UFixed<16, 1>;
    fn check<X: Number, D: Number, const N: usize>() {
        for implementation in Implementation::ALL {
            let op = Softmax { implementation, table_size: 64, ..Softmax::default() };
            let mut layer = Layer::new(op, &[2, N], X::FORMAT, R::FORMAT);
            let slots: &[Slot] = match implementation {
                Implementation::Argmax => &[],
                Implementation::Legacy => &[Slot::Table],
                _ => &[Slot::ExpTable, Slot::InvTable, Slot::Accum, Slot::InvInput],
            };
            for &slot in slots {
                layer = layer.format(slot, T::FORMAT);
            }
            if implementation == Implementation::Stable {
                layer = layer.format(Slot::InputNorm, D::FORMAT);
            }
            let network = layer.network();
            let facts = network.facts(network.graph().find("y").unwrap());
            let table = |slot| {
                let table = facts.constants.get(slot);
                constants::<T, 64>(table.map_or(&[0; 64], |t| &t.raw))
            };
            let (exp, inv) = (table(Slot::ExpTable), table(Slot::InvTable));
            let typed = |x: &[X; 10]| -> [R; 10] {
                match implementation {
                    Implementation::Stable => {
                        layers::softmax_stable(x, &exp, &inv, SoftmaxTypes::<D, T, T>::new(), N)
                    }
                    Implementation::Latency => {
                        layers::softmax_latency(x, &exp, &inv, SoftmaxTypes::<X, T, T>::new(), N)
                    }
                    Implementation::Legacy => layers::softmax_legacy(x, &exp, &inv, N),
                    Implementation::Argmax => layers::softmax_argmax(x, N),
                }
            };
            assert_eq!(2 * N, 10);
            same::<X, R, 10, 10>(&layer, typed);
        }
    }
    check::<Fixed<10, 5>, UFixed<9, 4>, 5>();
    check::<Fixed<16, 6>, UFixed<12, 4, Rnd, Sat>, 5>();
    check::<Fixed<45, 16>, UFixed<20, 12, Rnd, Sat>, 5>();
}

#[test]
fn joined_inputs() {
    type A = Fixed<9, 4>;
    type B = UFixed<11, 5>;
    type R = Fixed<10, 6, Rnd>;
    let (a, b) = (Noise(3).raw(A::FORMAT, SAMPLES * 4), Noise(4).raw(B::FORMAT, SAMPLES * 4));
    type Typed<'a> = &'a dyn Fn(&[A; 4], &[B; 4]) -> Vec<R>;
    let check = |layer: &Layer, typed: Typed<'_>| {
        let expected = layer.run(&[a.clone(), b.clone()]);
        let width = expected.len() / SAMPLES;
        for ((a, b), expected) in a.chunks(4).zip(b.chunks(4)).zip(expected.chunks(width)) {
            let found: Vec<i64> = typed(&numbers(a), &numbers(b)).iter().map(|y| y.to_i64()).collect();
            assert_eq!(found, expected, "{layer:?} of {a:?} and {b:?}");
        }
    };
    let layer = |op: hls4rs::ir::Op| {
        let mut layer = Layer::new(op, &[2, 2], A::FORMAT, R::FORMAT);
        layer.inputs.push((vec![2, 2], B::FORMAT));
        layer
    };
    let merge = |op| layer(Merge { op }.into());
    check(&merge(MergeOp::Add), &|a, b| layers::add::<A, B, R, 4>(a, b).to_vec());
    check(&merge(MergeOp::Subtract), &|a, b| layers::subtract::<A, B, R, 4>(a, b).to_vec());
    check(&merge(MergeOp::Multiply), &|a, b| layers::multiply::<A, B, R, 4>(a, b).to_vec());
    check(&merge(MergeOp::Average), &|a, b| layers::average::<A, B, R, 4>(a, b).to_vec());
    check(&merge(MergeOp::Maximum), &|a, b| layers::maximum::<A, B, R, 4>(a, b).to_vec());
    check(&merge(MergeOp::Minimum), &|a, b| layers::minimum::<A, B, R, 4>(a, b).to_vec());
    check(&layer(Concatenate { axis: 0 }.into()), &|a, b| {
        let mut y = [R::default(); 8];
        layers::place(a, &mut y, 4, 8, 0);
        layers::place(b, &mut y, 4, 8, 4);
        y.to_vec()
    });
    check(&layer(Concatenate { axis: -1 }.into()), &|a, b| {
        let mut y = [R::default(); 8];
        layers::place(a, &mut y, 2, 4, 0);
        layers::place(b, &mut y, 2, 4, 2);
        y.to_vec()
    });
}
