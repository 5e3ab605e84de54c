//! Expansions of small networks, as they would be read.

use expect_test::{Expect, expect};
use hls4rs_fixed::Format;
use hls4rs_ir::{Builder, NodeSpec, Precision, Problem, Shape, Slot, Tensor};
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

fn check(tokens: TokenStream, expected: Expect) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let expansion = open(crate::expand(tokens, root));
    let file = syn::parse2(expansion.clone()).unwrap_or_else(|e| panic!("{e}: {expansion}"));
    expected.assert_eq(&prettyplease::unparse(&file));
}

/// The tokens with the content of `simulate! { … }` and `backends! { … }` in its place, so that it is printed as code.
fn open(tokens: TokenStream) -> TokenStream {
    let mut opened: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                match ["simulate", "backends"].iter().find_map(|name| path_to(&opened, name)) {
                    Some(start) => {
                        opened.truncate(start);
                        opened.extend(open(group.stream()));
                    }
                    None => opened.push(Group::new(group.delimiter(), open(group.stream())).into()),
                }
            }
            token => opened.push(token),
        }
    }
    opened.into_iter().collect()
}

/// Where the path of a macro begins that is called with what comes next.
fn path_to(tokens: &[TokenTree], name: &str) -> Option<usize> {
    let path = [":", ":", "hls4rs", ":", ":", "__private", ":", ":", name, "!"];
    let start = tokens.len().checked_sub(path.len())?;
    tokens[start..].iter().zip(path).all(|(token, word)| token.to_string() == word).then_some(start)
}

/// The errors of a network: line and column of the first token, then the message.
fn errors(network: &str, expected: Expect) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let tokens = crate::expand(network.parse().expect("tokens"), root);
    let mut found = String::new();
    let mut previous = None;
    for token in tokens {
        if let TokenTree::Group(group) = &token
            && let Some(TokenTree::Ident(name)) = &previous
            && name == "compile_error"
        {
            let literal: syn::LitStr = syn::parse2(group.stream()).expect("a message");
            let start = name.span().start();
            found += &format!("{}:{}: {}\n", start.line, start.column + 1, literal.value());
        }
        if !matches!(&token, TokenTree::Punct(_)) {
            previous = Some(token);
        }
    }
    expected.assert_eq(&found);
}

#[test]
fn many_mistakes_come_out_in_the_order_of_the_source() {
    errors(
        r#"pub struct Net { default: Fixed<8, 4, Rndd> }
input x: [3, 0];
input a: [4] as Fixed<8, 4> in -9.0..8.0;
let b = dens(a, 3);
let c = dense(a, 2) { wieght: Fixed<8, 1> };
let d = dense(a, 2) { weight: [[1.0, 2.0], [1.0], [0, 0], [0, 0]] };
let e = dense(a, 2) { weight: [[1.0, 2.0], [1.0, 1.0], [0, 0], [0, 0]], accum: Fixed<8, 4>, reuse_factor: 3 };
let f = dense(e, 2) { weight: [[1.0, 100.0], [1.0, 1.0]] as Fixed<8, 4> };
let g = dense(a, a, 2);
let h = dense(a, -1);
let i = dense(a);
let j = relu(a, 3.5);
let k = relu(a) { reuse_factor: 2, strategy: resorce };
let l = dense(a, 2);
output y = relu(aa);
output l;
output l;
"#,
        expect![[r#"
            1:39: unknown rounding mode `Rndd`
            help: did you mean `Rnd`?
            2:14: input `x`: extent 1 of the shape is 0; every extent must be at least 1
            3:17: input `a`: the range -9..8 needs fixed<9,5>, found fixed<8,4>
            help: widen the input to `Fixed<9, 5>`
            4:9: unknown layer `dens`
            help: did you mean `dense`?
            5:23: layer `c`: unknown attribute `wieght`
            help: did you mean `weight`?
            6:44: layer `d`: `weight`: expected a list of shape [2], found a list of shape [1]
            7:80: layer `e`: accumulator overflow: the sum of 4 products of fixed<8,4> * ufixed<2,2> in unit 1 needs fixed<10,6>, found fixed<8,4>
            note: for the output [-8, -8, -8, -8] of `a` the sum of unit 1 is -24
            help: widen `accum` to `Fixed<10, 6>`, or write `accum: auto`
            8:5: layer `f` is not used
            help: make it an output, let another layer read it, or delete `f`
            8:61: layer `f`: 1 of 4 values of `weight` do not fit fixed<8,4>; the worst is 100 (at 1)
            help: widen `weight` to `UFixed<11, 7>`, or saturate: `Fixed<8, 4, Trn, Sat>`
            9:5: layer `g` is not used
            help: make it an output, let another layer read it, or delete `g`
            9:9: layer `g`: expected 1 input, found 2
            10:18: layer `h`: attribute `units`: expected a whole number of at least 1, found -1
            11:5: layer `i` is not used
            help: make it an output, let another layer read it, or delete `i`
            11:9: layer `i`: attribute `units` is missing: expected the number of outputs, at least 1 and few enough to store the weights
            help: write it after the input: `dense(x, 64)`
            12:5: layer `j` is not used
            help: make it an output, let another layer read it, or delete `j`
            12:17: layer `j`: attribute `max`: expected a whole number above 0, found 3.5
            13:46: unknown strategy `resorce`
            help: did you mean `resource`?
            14:9: layer `l`: no values for `weight`, expected [4, 2]
            help: name a file that has them, `weights: "file.npz"`, or write them: `{ weight: [ … ] }`
            15:17: there is no layer `aa`
            help: did you mean `a`?
            17:8: `l` is an output already
        "#]],
    );
}

#[test]
fn mistakes_of_syntax_do_not_hide_each_other() {
    errors(
        r#"pub struct Net { defalt: Fixed<8, 4>, strategy: latency }
input x [3];
let a = relu(x, max = 3);
let b = dense(x, 3) { weight: [[1.0, 1u8]] };
out b;
output c = b
"#,
        expect![[r#"
            1:18: unknown option `defalt`
            help: did you mean `default`?
            2:9: expected `:`
            3:17: an attribute with its name belongs into braces after the arguments
            help: write `{ max: … }`
            4:38: a number has no suffix `u8` here
            5:1: expected one of: `input`, `let`, `output`
            6:12: expected `;` after this
        "#]],
    );
}

#[test]
fn dense_and_relu() {
    check(
        quote! {
            /// Adds up.
            pub struct Sum;
            input x: [3] as Fixed<8, 4>;
            let y = dense(x, 2) { weight: [[1.0, 0.5], [0.5, -1], [-1.0, 0.25]], bias: [0.0, 0.25] };
            output z = relu(y) as UFixed<6, 4, Rnd, Sat>;
        },
        expect![[r#"
            /// Adds up.
            ///
            /// # Layers
            ///
            /// | name | layer | shape | result | accum | range |
            /// |---|---|---|---|---|---|
            /// | `x` | input | \[3\] | `Fixed<8, 4>` |  | -8 to 7.9375 |
            /// | `y` | dense | \[2\] | `Fixed<12, 6>` | `Fixed<12, 6>` | -19.9375 to 19.90625 |
            /// | `z` | relu | \[2\] | `UFixed<6, 4, Rnd, Sat>` |  | 0 to 15.75 |
            #[derive(
                ::core::clone::Clone,
                ::core::marker::Copy,
                ::core::fmt::Debug,
                ::core::default::Default
            )]
            pub struct Sum;
            #[doc(hidden)]
            #[allow(non_snake_case, dead_code, unreachable_pub, unused_qualifications, clippy::all)]
            const _: () = {
                use ::hls4rs::__private::{fixed, layers};
                ///`weight` of `y`: [3, 2] as fixed<4,2>.
                static Y_WEIGHT: layers::Constants<fixed::Fixed<4, 2>, 6> = layers::Constants::new(
                    b"\x04\x02\x02\xFC\xFC\x01",
                );
                ///`bias` of `y`: [2] as ufixed<1,-1>.
                static Y_BIAS: layers::Constants<fixed::UFixed<1, -1>, 2> = layers::Constants::new(
                    b"\0\x01",
                );
                impl Sum {
                    /// The network; its weights are part of the program.
                    #[must_use]
                    pub const fn new() -> Self {
                        Self
                    }
                    /// One inference, with exactly the firmware's bits; arrays are row major.
                    ///
                    /// - input `x`: \[3\] as `Fixed<8, 4>`
                    /// - output `z`: \[2\] as `UFixed<6, 4, Rnd, Sat>`
                    #[must_use]
                    pub fn predict(
                        &self,
                        x: &[fixed::Fixed<8, 4>; 3],
                    ) -> [fixed::UFixed<6, 4, fixed::Rnd, fixed::Sat>; 2] {
                        let y: [fixed::Fixed<12, 6>; 2] = layers::dense(
                            x,
                            &Y_WEIGHT,
                            &Y_BIAS,
                            layers::accum::<fixed::Fixed<12, 6>>(),
                            1,
                        );
                        let z: [fixed::UFixed<6, 4, fixed::Rnd, fixed::Sat>; 2] = layers::relu(&y);
                        z
                    }
                }
                use ::hls4rs::__private::{ir, ndarray, simulate, std};
                impl Sum {
                    /// The network as a graph, for everything that takes one: reports, projects, files.
                    #[must_use]
                    pub fn graph() -> ir::Graph {
                        ir::Graph::from_json(
                                "{\n  \"hls4rs_graph\": 1,\n  \"name\": \"Sum\",\n  \"nodes\": [\n    {\n      \"name\": \"x\",\n      \"op\": \"input\",\n      \"shape\": [3],\n      \"precision\": {\"result\":\"fixed<8,4>\"}\n    },\n    {\n      \"name\": \"y\",\n      \"op\": \"dense\",\n      \"inputs\": [\"x\"],\n      \"attributes\": {\"units\":2},\n      \"values\": {\n        \"weight\": {\"shape\":[3,2],\"values\":[1,0.5,0.5,-1,-1,0.25]},\n        \"bias\": {\"shape\":[2],\"values\":[0,0.25]}\n      }\n    },\n    {\n      \"name\": \"z\",\n      \"op\": \"relu\",\n      \"inputs\": [\"y\"],\n      \"precision\": {\"result\":\"ufixed<6,4,RND,SAT>\"}\n    }\n  ],\n  \"outputs\": [\"z\"]\n}\n",
                            )
                            .expect("`network!` wrote the graph")
                    }
                    /// The network with all formats settled, every constant and every proved range.
                    #[must_use]
                    pub fn resolved() -> &'static ir::Resolved {
                        static RESOLVED: std::sync::OnceLock<ir::Resolved> = std::sync::OnceLock::new();
                        RESOLVED
                            .get_or_init(|| {
                                Self::graph().resolve().expect("`network!` checked the graph")
                            })
                    }
                    /// The engine that runs batches.
                    #[must_use]
                    pub fn engine() -> &'static simulate::Engine {
                        static ENGINE: std::sync::OnceLock<simulate::Engine> = std::sync::OnceLock::new();
                        ENGINE.get_or_init(|| simulate::Engine::new(Self::resolved()))
                    }
                    /// Many inferences on all cores, with exactly the firmware's bits; the first axis is the sample.
                    ///
                    /// - input `x`: \[3\] as `Fixed<8, 4>`
                    /// - output `z`: \[2\] as `UFixed<6, 4, Rnd, Sat>`
                    ///
                    /// # Panics
                    /// If the arrays have other shapes, or differ in the number of samples.
                    #[must_use]
                    #[track_caller]
                    pub fn predict_batch<T: simulate::Real>(
                        &self,
                        x: ndarray::ArrayView<'_, T, ndarray::Ix2>,
                    ) -> ndarray::Array<T, ndarray::Ix2> {
                        let outputs = Self::engine().predict(&[x.into_dyn()]);
                        let mut outputs = outputs.unwrap_or_else(|e| std::panic!("{e}")).into_iter();
                        outputs
                            .next()
                            .and_then(|y| y.into_dimensionality().ok())
                            .expect("an array for each output")
                    }
                    /// The results of every layer; the first axis is the sample.
                    ///
                    /// # Panics
                    /// If the arrays have other shapes, or differ in the number of samples.
                    #[must_use]
                    #[track_caller]
                    pub fn trace<T: simulate::Real>(
                        &self,
                        x: ndarray::ArrayView<'_, T, ndarray::Ix2>,
                    ) -> simulate::Trace {
                        Self::engine().trace(&[x.into_dyn()]).unwrap_or_else(|e| std::panic!("{e}"))
                    }
                }
                use ::hls4rs::__private::{backends, project};
                impl Sum {
                    /// The network as a project for a vendor's tool.
                    #[must_use]
                    pub fn project(backend: backends::Backend) -> project::Project {
                        project::Project::new(Self::resolved(), backend)
                    }
                }
            };
        "#]],
    );
}

#[test]
fn the_witness_of_an_overflow_overflows() {
    // Columns of the weights: unit 1 has the larger sum, and a bias of 0.5. No product loses a bit in `accum`.
    let weights = [0.5, -0.75, 0.25, 1.5, -1.0, 1.25];
    let shape = |extents: &[usize]| Shape::new(extents).expect("a shape");
    let mut net = Builder::new("net");
    let x = net.input("x", shape(&[3]), Precision::Checked(Format::fixed(6, 3)));
    let mut dense = NodeSpec::new("y", hls4rs_ir::ops::Dense { units: 2 }, &[x]);
    dense.values.set(Slot::Weight, Tensor::new(shape(&[3, 2]), weights.to_vec()).expect("six values"));
    dense.values.set(Slot::Bias, Tensor::new(shape(&[2]), vec![0.25, 0.5]).expect("two values"));
    dense.precision.set(Slot::Accum, Precision::Checked(Format::fixed(9, 4)));
    let y = net.add(dense);
    net.output(y);
    let faults = net.resolve().expect_err("a sum that does not fit");
    let Some(Problem::AccumOverflow { unit, witness, sum, needed, found, .. }) =
        faults.iter().map(|f| &f.problem).next()
    else {
        panic!("{faults}")
    };
    let replayed: f64 =
        witness.iter().zip(weights.chunks(2)).map(|(x, row)| x * row[*unit]).sum::<f64>() + 0.5;
    assert_eq!((*unit, replayed), (1, *sum));
    let within = |format: &Format| {
        let limit = f64::from(2u32).powi(format.int_bits - 1);
        (-limit..limit).contains(sum)
    };
    assert!(within(needed) && !within(found));
    let inputs = |x: &f64| (-4.0..4.0).contains(x) && (x * 8.0).fract() == 0.0;
    assert!(witness.iter().all(inputs));
}

#[test]
fn nested_layers_have_names() {
    names(
        "struct Net; input x: [4];
         let sum = add(dense(x, 2) { weight: 1.0 }, dense(relu(x), 2) { weight: 1.0 });
         output y = softmax(dense(sum, 3) { weight: 0.5 }) as Fixed<16, 6>;",
        expect![[
            "x: input, sum_dense1: dense, sum_dense2_relu: relu, sum_dense2: dense, sum: add, y_dense: dense, y: softmax"
        ]],
    );
}

#[test]
fn separable_convolutions_are_two_layers() {
    names(
        "struct Net; input x: [8, 3];
         output y = separable_conv1d(x, 2, 3) { depthwise_weight: 0.5, stride: 2, weight: 0.25 };",
        expect![["x: input, y_depthwise: depthwise_conv1d, y: conv1d"]],
    );
}

#[test]
fn layers_at_every_step() {
    names(
        "struct Net; input x: [2, 8, 3];
         let s = time_distributed(separable_conv1d(x, 2, 3) { depthwise_weight: 0.5, weight: 0.25 });
         output y = time_distributed(dense(relu(s), 1) { weight: 0.5 }) as Fixed<8, 2, Trn, Sat>;",
        expect![[
            "x: input, s_depthwise: time_distributed(depthwise_conv1d), s: time_distributed(conv1d), y_relu: relu, y: time_distributed(dense)"
        ]],
    );
}

/// The layers of a network without mistakes.
fn names(network: &str, expected: Expect) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = crate::report::Report::new();
    let network = crate::parse::parse(network.parse().expect("tokens"), &mut report).expect("a struct");
    let lowered = crate::lower::lower(&network, root, &mut report);
    assert!(report.into_errors().is_none());
    let resolved = lowered.resolved.expect("nothing wrong");
    let nodes = resolved.graph().nodes().iter();
    let names: Vec<_> = nodes.map(|node| format!("{}: {}", node.name, node.op.words())).collect();
    expected.assert_eq(&names.join(", "));
}

#[test]
fn every_layer_is_a_call() {
    calls(
        "struct Net; input x: [4] as Fixed<8, 3>; input m: [2, 3] as Fixed<8, 3>;
         let a = leaky_relu(x, 0.25); let b = thresholded_relu(a, 0.5); let c = prelu(b) { alpha: 0.5 };
         let d = elu(c, 1.0) { table_size: 16 }; let e = sigmoid(d, 16); let f = tanh(e, 16); let g = softplus(f, 16);
         let h = softsign(g, 16); let i = selu(h, 16); let j = hard_sigmoid(i); let k = hard_tanh(j);
         let l = batch_norm(k) { scale: [1.0, 0.5, 0.25, 2.0] }; let n = relu(l, 6);
         let o = add(n, x); let p = subtract(o, x); let q = multiply(p, x) as Fixed<12, 8, Rnd, Sat>;
         let r = average(q, x); let s = maximum(r, x); let t = minimum(s, x);
         let u = reshape(t, [2, 2]); let v = concatenate(m, u, m);
         let w = flatten(v) as Int<6>; let z = dense(w, 3) { weight: 0.5, strategy: resource, reuse_factor: 4 };
         output y1 = softmax(z) { table_size: 16 }; output y2 = softmax(z, -1, latency, 16);
         output y3 = softmax(z, -1, legacy, 16); output y4 = softmax(z, -1, argmax);",
        expect![[r#"
            let a: [fixed::Fixed<10, 3>; 4] = layers::leaky_relu(
                x,
                <fixed::UFixed<1, -1>>::from_bits(1),
            );
            let b: [fixed::UFixed<9, 2>; 4] = layers::thresholded_relu(
                &a,
                <fixed::UFixed<7, 0>>::from_bits(64),
            );
            let c: [fixed::UFixed<10, 2>; 4] = layers::prelu(&b, &C_ALPHA);
            let d: [fixed::UFixed<19, 2>; 4] = layers::elu(
                &c,
                <fixed::UFixed<1, 1>>::from_bits(1),
                &D_TABLE,
            );
            let e: [fixed::UFixed<18, 0>; 4] = layers::sigmoid(&d, &E_TABLE);
            let f: [fixed::UFixed<16, -1>; 4] = layers::tanh(&e, &F_TABLE);
            let g: [fixed::UFixed<15, 0>; 4] = layers::softplus(&f, &G_TABLE);
            let h: [fixed::UFixed<1, -16>; 4] = layers::softsign(&g, &H_TABLE);
            let i: [fixed::UFixed<1, -31>; 4] = layers::selu(&h, &I_TABLE);
            let j: [fixed::UFixed<48, 0>; 4] = layers::hard_sigmoid(
                &i,
                <fixed::UFixed<16, 0>>::from_bits(13107),
                <fixed::UFixed<1, 0>>::from_bits(1),
            );
            let k: [fixed::UFixed<62, -2>; 4] = layers::hard_tanh(
                &j,
                <fixed::UFixed<16, 0>>::from_bits(13107),
                <fixed::UFixed<1, 0>>::from_bits(1),
            );
            let l: [fixed::UFixed<65, -1>; 4] = layers::batch_norm(
                &k,
                &L_SCALE,
                &const { layers::Constants::<fixed::Uint<1>, 1>::new(&[0; 1]) },
            );
            let n: [fixed::UFixed<65, -1>; 4] = layers::relu_max(&l, 6);
            let o: [fixed::Fixed<70, 4>; 4] = layers::add(&n, x);
            let p: [fixed::Fixed<71, 5>; 4] = layers::subtract(&o, x);
            let q: [fixed::Fixed<12, 8, fixed::Rnd, fixed::Sat>; 4] = layers::multiply(
                &p,
                x,
            );
            let r: [fixed::Fixed<12, 6>; 4] = layers::average(&q, x);
            let s: [fixed::Fixed<12, 6>; 4] = layers::maximum(&r, x);
            let t: [fixed::Fixed<9, 3>; 4] = layers::minimum(&s, x);
            let u: [fixed::Fixed<9, 3>; 4] = layers::linear(&t);
            let v: [fixed::Fixed<9, 3>; 16] = {
                let mut v__joined = [::core::default::Default::default(); 16];
                layers::place(m, &mut v__joined, 3, 8, 0);
                layers::place(&u, &mut v__joined, 2, 8, 3);
                layers::place(m, &mut v__joined, 3, 8, 5);
                v__joined
            };
            let w: [fixed::Int<6>; 16] = layers::linear(&v);
            let z: [fixed::Fixed<7, 6>; 3] = layers::dense(
                &w,
                &Z_WEIGHT,
                &const { layers::Constants::<fixed::Uint<1>, 3>::new(&[0; 3]) },
                layers::accum::<fixed::Fixed<7, 6>>(),
                4,
            );
            let y1: [fixed::UFixed<35, 1>; 3] = layers::softmax_stable(
                &z,
                &Y1_EXP_TABLE,
                &Y1_INV_TABLE,
                layers::SoftmaxTypes::<
                    fixed::UFixed<4, 4, fixed::Rnd, fixed::Sat>,
                    fixed::UFixed<19, 2>,
                    fixed::UFixed<4, 2, fixed::Rnd, fixed::Sat>,
                >::new(),
                3,
            );
            let y2: [fixed::UFixed<42, 3>; 3] = layers::softmax_latency(
                &z,
                &Y2_EXP_TABLE,
                &Y2_INV_TABLE,
                layers::SoftmaxTypes::<
                    fixed::Fixed<7, 6>,
                    fixed::UFixed<26, 14>,
                    fixed::UFixed<4, 14, fixed::Rnd, fixed::Sat>,
                >::new(),
                3,
            );
            let y3: [fixed::UFixed<9, -1>; 3] = layers::softmax_legacy(
                &z,
                &Y3_EXP_TABLE,
                &Y3_INV_TABLE,
                3,
            );
            let y4: [fixed::UFixed<1, 1>; 3] = layers::softmax_argmax(&z, 3);
            (y1, y2, y3, y4)"#]],
    );
}

/// The statements of `predict`.
fn calls(network: &str, expected: Expect) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file: syn::File =
        syn::parse2(open(crate::expand(network.parse().expect("tokens"), root))).expect("items");
    let text = prettyplease::unparse(&file);
    let (_, predict) = text.split_once("fn predict(").unwrap_or_else(|| panic!("{text}"));
    let body: Vec<_> = predict.lines().skip_while(|line| !line.contains('{')).skip(1).collect();
    let body = body
        .into_iter()
        .take_while(|line| *line != "        }")
        .map(|line| line.trim_start_matches("            "));
    expected.assert_eq(&body.collect::<Vec<_>>().join("\n"));
}

/// gamma / sqrt(variance + 0) = 1 / 0.5 and 2 / 2; beta - scale · mean = 0.5 - 2 · 1 and 0 + 1 · 1.
#[cfg(feature = "npz")]
#[test]
fn statistics_become_scale_and_bias() {
    let network = r#"struct Net { weights: "../ui-tests/fixtures/statistics.npz" }
        input x: [2] as Fixed<8, 4>; output bn = batch_norm(x) { epsilon: 0 };"#;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = crate::report::Report::new();
    let network = crate::parse::parse(network.parse().expect("tokens"), &mut report).expect("a struct");
    let lowered = crate::lower::lower(&network, root, &mut report);
    assert!(report.into_errors().is_none());
    assert_eq!(lowered.unused_arrays, ["bn.steps"]);
    let resolved = lowered.resolved.expect("nothing wrong");
    let node = &resolved.graph().nodes()[1];
    let values = |slot| node.values.get(slot).expect("values").values();
    assert_eq!((values(Slot::Scale), values(Slot::Bias)), (&[2.0, 1.0][..], &[-1.5, 1.0][..]));
}

#[test]
fn changed_tokens_do_not_panic() {
    const NETWORK: &str = r#"pub struct Net { default: Fixed<16, 6, Rnd, Sat>, strategy: resource, reuse_factor: 2 }
        input x: [4] as Fixed<8, 4> in -8.0..=7.5; input m: [2, 2];
        let h = dense(x, 2) { weight: [[0.5; 2]; 4] as Fixed<8, 1>, bias: [0.25, -1], accum: auto, strategy: latency };
        let n = batch_norm(relu(h, 6)) { scale: [1.0, 2.0], bias: 0.5 }; let c = concatenate(flatten(m), n, x);
        let r = reshape(c, [2, 5]) as UFixed<12, 5, RndConv, WrapN<2>>; output n;
        output y = softmax(add(r, r), -1, latency) { table_size: 16, inv_input: Fixed<10, 4> } as Fixed<16, 6>;"#;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let words: Vec<&str> = NETWORK.split_inclusive(|c: char| !c.is_alphanumeric()).collect();
    let spares = [
        "0",
        "-",
        "1e300",
        "1000000000",
        "auto",
        "x",
        ";",
        "as",
        "{}",
        "[]",
        "()",
        "\"w.npz\"",
        "let",
        "..",
        "Int<0>",
    ];
    // An xorshift generator, seeded: the same tokens are changed in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    for _ in 0..3000 {
        let mut words = words.clone();
        for _ in 0..=random(3) {
            let (at, other) = (random(words.len()), random(words.len()));
            match random(3) {
                0 => words.swap(at, other),
                1 => words[at] = spares[random(spares.len())],
                _ => drop(words.remove(at)),
            }
        }
        if let Ok(tokens) = words.concat().parse() {
            crate::expand(tokens, root);
        }
    }
}
