use expect_test::expect;
use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::draft::{Config, Draft, DraftFaults, OutputModes, Type};
use hls4rs_ir::passes::{Around, find};
use hls4rs_ir::{Io, Slot};

use super::{dense, draft, input, linear};

/// Rounds the results of all dense layers and of `y`.
fn rounded(draft: &mut Draft, overflow: Option<Overflow>) -> Result<bool, DraftFaults> {
    let layers = vec!["Dense".to_owned(), "y".to_owned()];
    let modes = OutputModes { layers, rounding: Some(Rounding::Rnd), overflow };
    let config = Config { output_modes: Some(modes), ..Config::default() };
    let pass = find("output_rounding_saturation_mode").expect("a pass of this name");
    let around = Around { config: &config, io: Io::Parallel };
    while (pass.run)(draft, &around)? {}
    Ok(true)
}

fn network(result: Type) -> Draft {
    let mut nodes = vec![input(&[2]), dense("fc", "x"), linear("y", "fc"), linear("z", "y")];
    nodes[1].types.set(Slot::Result, result);
    nodes[1].types.set(Slot::Accum, Format::fixed(20, 10).into());
    nodes[2].types.set(Slot::Result, Format::ufixed(8, 3).with_overflow(Overflow::SatSym).into());
    nodes[3].types.set(Slot::Result, Format::ufixed(8, 3).into());
    draft(nodes)
}

#[test]
fn results_and_sums_of_listed_layers_get_the_modes() {
    let mut draft = network(Format::fixed(12, 4).into());
    rounded(&mut draft, Some(Overflow::Sat)).expect("nothing wrong");
    expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; result: fixed<12,4,RND,SAT>; accum: fixed<12,4,RND,SAT>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        y: Activation linear() <- fc; result: ufixed<8,3,RND,SAT>
        z: Activation linear() <- y; result: ufixed<8,3>
        -> z
    "#]].assert_eq(&draft.to_string());
}

#[test]
fn modes_that_are_not_given_are_the_usual_ones() {
    let mut draft = network(Format::int(6).into());
    rounded(&mut draft, None).expect("nothing wrong");
    expect![[r#"
        x: Input input(); result: fixed<16,6>
        fc: Dense dense(units: 2) <- x; result: int<6>; accum: int<6>; weight = [2, 2] [1.0, 2.0, 3.0, 4.0]; bias = [2] [0.5, -0.5]
        y: Activation linear() <- fc; result: ufixed<8,3,RND,WRAP>
        z: Activation linear() <- y; result: ufixed<8,3>
        -> z
    "#]].assert_eq(&draft.to_string());
}

#[test]
fn a_result_without_a_format_is_a_fault() {
    let faults = rounded(&mut network(Type::Xnor), None).expect_err("no format");
    expect!["layer `fc` (Dense): `OutputRoundingSaturationMode` needs a result of a fixed-point type, found `xnor`; give the layer a type `result`, or take it out of `Layers`"].assert_eq(&faults.to_string());
    let mut draft = network(Type::Xnor);
    draft.nodes[1].types.remove(Slot::Result);
    expect!["layer `fc` (Dense): `OutputRoundingSaturationMode` needs a result of a fixed-point type, found `auto`; give the layer a type `result`, or take it out of `Layers`"].assert_eq(&rounded(&mut draft, None).expect_err("no type").to_string());
    let mut draft = network(Format::fixed(12, 4).into());
    expect!["layer `y` (Activation): `ufixed<8,3,RND,WRAP_SM>`: expected another overflow mode: `WRAP_SM` exists for signed formats only"]
        .assert_eq(&rounded(&mut draft, Some(Overflow::WrapSm(0))).expect_err("unsigned").to_string());
}
