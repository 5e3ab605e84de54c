//! Derived types: what hls4ml was seen to derive.

use hls4rs_fixed::Format;
use hls4rs_ir::draft::{Asked, Config, Draft, DraftNode, Section, Setting};
use hls4rs_ir::ops::{Concatenate, Dense, Elu, Input, LeakyRelu, Merge, MergeOp, Pool, PoolOp};
use hls4rs_ir::{Io, Op, Shape, Slot, Strategy, Tensor, passes};

fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

fn format(text: &str) -> Asked {
    Asked::Type(text.parse().expect("a type"))
}

/// `fixed<16,6>` for what nobody derives, everything else derived.
fn derived() -> Config {
    let mut config = Config::default();
    for variable in ["result", "accum", "param"] {
        config.model.precision.insert(variable.to_owned(), Asked::Auto);
    }
    config
}

fn input(name: &str, extents: &[usize], ty: &str) -> DraftNode {
    let mut node = DraftNode::new(name, "Input", Input { shape: shape(extents), range: None }, &[]);
    node.types.set(Slot::Result, ty.parse().expect("a type"));
    node
}

fn dense(n_in: usize, bias: bool) -> DraftNode {
    let mut node = DraftNode::new("y", "Dense", Dense { units: 1 }, &["x"]);
    let tensor = |extents: &[usize]| {
        let shape = shape(extents);
        let values = vec![1.0; shape.elements()];
        Tensor::new(shape, values).expect("as many values")
    };
    node.values.set(Slot::Weight, tensor(&[n_in, 1]));
    if bias {
        node.values.set(Slot::Bias, tensor(&[1]));
    }
    node
}

fn one(op: impl Into<Op>) -> DraftNode {
    DraftNode::new("y", "Layer", op, &["x"])
}

/// The type of a slot of the last node after all passes.
fn last(nodes: Vec<DraftNode>, config: &Config, slot: Slot) -> String {
    let outputs = nodes.last().map(|node| node.name.clone()).into_iter().collect();
    let mut draft = Draft { name: "net".to_owned(), nodes, outputs, ..Draft::default() };
    passes::run(&mut draft, config, Io::Parallel).expect("nothing wrong");
    let node = draft.nodes.last().expect("a node");
    node.types.get(slot).map_or_else(|| "auto".to_owned(), ToString::to_string)
}

#[test]
fn a_sum_of_products_has_room_for_the_greatest_of_its_types() {
    let of = |n, bias, config: &Config| {
        last(vec![input("x", &[n], "fixed<16,6>"), dense(n, bias)], config, Slot::Accum)
    };
    assert_eq!(of(4, true, &derived()), "fixed<35,15>");
    assert_eq!(of(1, false, &derived()), "fixed<33,13>");
    let mut limited = derived();
    limited.model.precision.insert("maximum".to_owned(), format("fixed<24,10>"));
    assert_eq!(of(4, true, &limited), "fixed<24,10>");
}

#[test]
fn a_mean_has_room_for_the_sum_and_for_digits() {
    let mut pool = Pool::new(PoolOp::Average, false);
    pool.pool = vec![3];
    let nodes = || vec![input("x", &[6, 1], "fixed<16,6,RND,SAT>"), one(pool.clone())];
    assert_eq!(last(nodes(), &derived(), Slot::Accum), "fixed<20,8>");
    assert_eq!(last(nodes(), &derived(), Slot::Result), "fixed<16,6,RND,SAT>");
}

#[test]
fn parameters_are_as_wide_as_their_values_need() {
    let of = |op: Op| last(vec![input("x", &[2], "fixed<16,6>"), one(op)], &derived(), Slot::Alpha);
    assert_eq!(of(LeakyRelu { alpha: 0.3 }.into()), "ufixed<8,-1>");
    assert_eq!(of(Elu { alpha: 0.7, table_size: 1024 }.into()), "ufixed<8,0>");
    assert_eq!(of(LeakyRelu { alpha: 0.0 }.into()), "ufixed<1,1>");
}

#[test]
fn merges_hold_both_inputs() {
    let of = |op: Op, a: &str, b: &str| {
        let nodes =
            vec![input("a", &[2], a), input("b", &[2], b), DraftNode::new("y", "Merge", op, &["a", "b"])];
        last(nodes, &derived(), Slot::Result)
    };
    let merge = |op| Op::from(Merge { op });
    assert_eq!(of(merge(MergeOp::Add), "fixed<8,4>", "ufixed<8,4>"), "fixed<10,6>");
    assert_eq!(of(merge(MergeOp::Subtract), "ufixed<8,4>", "ufixed<8,4>"), "fixed<9,5>");
    assert_eq!(of(merge(MergeOp::Multiply), "fixed<8,4>", "ufixed<6,1>"), "fixed<14,5>");
    assert_eq!(of(merge(MergeOp::Maximum), "fixed<8,4>", "ufixed<8,4>"), "fixed<9,5>");
    let joined = Op::from(Concatenate::default());
    assert_eq!(of(joined, "fixed<8,4>", "fixed<10,3,RND,SAT>"), "fixed<11,4,RND,SAT>");
}

#[test]
fn what_no_rule_knows_is_the_default() {
    let mut config = derived();
    config.model.precision.insert("default".to_owned(), format("fixed<20,9>"));
    let nodes = vec![input("x", &[2], "fixed<8,4>"), one(Op::from_keyword("sigmoid").expect("a keyword"))];
    assert_eq!(last(nodes, &config, Slot::Result), "fixed<20,9>");
}

#[test]
fn attributes_of_layers_are_configured_by_name() {
    let mut config = derived();
    let section = Section::default().set("table_size", Setting::Number(64.0));
    config.by_name.insert("y".to_owned(), section);
    config.by_name.get_mut("y").expect("just set").types.insert("table".to_owned(), format("fixed<10,2>"));
    let y = one(Op::from_keyword("tanh").expect("a keyword"));
    let nodes = vec![input("x", &[2], "fixed<8,4>"), y];
    let mut draft =
        Draft { name: "net".to_owned(), nodes, outputs: vec!["y".to_owned()], ..Draft::default() };
    passes::run(&mut draft, &config, Io::Parallel).expect("nothing wrong");
    let Op::TableActivation(tanh) = &draft.nodes[1].op else { panic!("still a tanh") };
    assert_eq!(tanh.table_size, 64);
    assert_eq!(draft.nodes[1].types.get(Slot::Table), Some(&Format::fixed(10, 2).into()));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut draft = Draft {
        name: "net".to_owned(),
        nodes: vec![input("x", &[2], "fixed<8,4>"), dense(3, true), one(LeakyRelu { alpha: 0.5 })],
        outputs: vec!["y".to_owned()],
        ..Draft::default()
    };
    draft.nodes[2].inputs = vec!["z".to_owned()];
    let faults = passes::run(&mut draft, &derived(), Io::Parallel).expect_err("two faults").to_string();
    assert_eq!(
        faults,
        "layer `y` (Layer): two layers have this name\n\
         layer `y` (Layer): reads `z`, which no layer before it writes"
    );
    draft.nodes.truncate(2);
    let faults = passes::run(&mut draft, &derived(), Io::Parallel).expect_err("one fault").to_string();
    assert_eq!(faults, "layer `y` (Dense): `weight` has shape [3, 1], expected [2, 1]");
}

#[test]
fn a_proposed_configuration_has_what_is_taken_anyway() {
    use hls4rs_ir::draft::{Granularity, Quantizer};
    let mut y = one(Op::from_keyword("softmax").expect("a keyword"));
    y.quantizers.set(Slot::Result, Quantizer::QuantizedSigmoid { bits: 6 });
    let mut draft =
        Draft { name: "net".to_owned(), nodes: vec![input("x", &[3], "fixed<8,4>")], ..Draft::default() };
    draft.nodes.push(DraftNode { name: "fc".to_owned(), ..dense(3, false) });
    y.inputs = vec!["fc".to_owned()];
    draft.nodes.push(y);
    let config = Config::of(&draft, Granularity::Name, config_type("fixed<16,6>"));
    let of = |layer: &str, variable: &str| config.by_name[layer].precision.get(variable).copied();
    assert_eq!(of("fc", "weight"), Some(Asked::Auto));
    assert_eq!(of("fc", "bias"), None);
    assert_eq!(of("y", "accum"), Some(format("fixed<18,8,RND,SAT>")));
    assert_eq!(of("y", "result"), Some(format("ufixed<6,0,RND_CONV,SAT>")));
    assert_eq!(config.by_name["y"].types["inv_table"], format("fixed<18,8,RND,SAT>"));
    assert_eq!(config.by_name["y"].settings["table_size"], Setting::Number(1024.0));
}

fn config_type(text: &str) -> hls4rs_ir::draft::Type {
    text.parse().expect("a type")
}

/// Strategy and reuse factor of a layer of 8 inputs and 4 outputs under these settings of the model.
fn arranged(settings: &[(&str, Setting)]) -> (Strategy, usize) {
    let mut config = Config::default();
    config.model.settings.extend(settings.iter().map(|(key, setting)| ((*key).to_owned(), setting.clone())));
    let mut layer = DraftNode::new("y", "Dense", Dense { units: 4 }, &["x"]);
    let weight = Tensor::new(shape(&[8, 4]), vec![1.0; 32]).expect("as many values");
    layer.values.set(Slot::Weight, weight);
    let nodes = vec![input("x", &[8], "fixed<16,6>"), layer];
    let mut draft =
        Draft { name: "net".to_owned(), nodes, outputs: vec!["y".to_owned()], ..Draft::default() };
    passes::run(&mut draft, &config, Io::Parallel).expect("nothing wrong");
    (draft.nodes[1].strategy, draft.nodes[1].reuse_factor)
}

#[test]
fn weights_are_compressed_where_multipliers_are_shared() {
    let word = |word: &str| Setting::Word(word.to_owned());
    let compressed = ("compression", Setting::Flag(true));
    let reuse = ("reuse_factor", Setting::Number(5.0));
    let with = |strategy| arranged(&[compressed.clone(), reuse.clone(), ("strategy", word(strategy))]);
    assert_eq!(with("Resource"), (Strategy::Compressed, 4));
    assert_eq!(with("Latency"), (Strategy::Latency, 5));
    assert_eq!(with("Resource_Unrolled"), (Strategy::ResourceUnrolled, 4));
    assert_eq!(arranged(&[reuse, ("strategy", word("compressed"))]), (Strategy::Compressed, 4));
}

#[test]
fn a_number_of_cycles_gives_the_reuse_factor() {
    // Six cycles for each of four outputs to move the data, and what is left is shared among them.
    let of = |cycles: f64, strategy: &str| {
        let strategy = ("strategy", Setting::Word(strategy.to_owned()));
        arranged(&[
            strategy,
            ("target_cycles", Setting::Number(cycles)),
            ("reuse_factor", Setting::Number(2.0)),
        ])
    };
    assert_eq!(of(24.0, "Resource"), (Strategy::Resource, 1));
    assert_eq!(of(24.0 + 4.0 * 3.0, "Resource"), (Strategy::Resource, 2));
    assert_eq!(of(24.0 + 4.0 * 3.25, "Resource"), (Strategy::Resource, 4));
    assert_eq!(of(24.0 + 4.0 * 1000.0, "Resource"), (Strategy::Resource, 32));
    assert_eq!(of(24.0 + 4.0 * 1000.0, "Latency"), (Strategy::Latency, 2));
}
