//! The modes of results that a configuration asks for, against the types and numbers of hls4ml.

use std::collections::BTreeMap;
use std::fs;

use hls4rs::frontends::{config_from_value, import, keras};
use hls4rs_fixed::Format;
use hls4rs_ir::{Io, Slot};
use hls4rs_tests::host;
use hls4rs_tests::simulate::Simulation;
use serde::Deserialize;

/// What `output_modes.py` has recorded.
#[derive(Deserialize)]
struct Recorded {
    hls_config: serde_json::Value,
    /// By layer and slot.
    types: BTreeMap<String, BTreeMap<String, String>>,
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
}

#[test]
fn results_round_and_saturate_as_in_the_reference() {
    let folder = host::root().join("tests/models");
    let text = fs::read(folder.join("output_modes.json")).expect("the record");
    let recorded: Recorded = serde_json::from_slice(&text).expect("a record");
    let read = config_from_value(&recorded.hls_config).expect("a configuration");
    let draft = keras::read(folder.join("output_modes.keras")).expect("a model");
    let imported = import(draft, &read.config, Io::Parallel).expect("a network");
    assert_eq!(imported.warnings, Vec::<String>::new());
    let mut compared = 0;
    for (layer, types) in &recorded.types {
        let node = imported.draft.node(layer).expect("a layer of the reference");
        for (slot, ty) in types {
            let slot = if slot == "result" { Slot::Result } else { Slot::Accum };
            let found = node.types.get(slot).and_then(|ty| ty.format());
            assert_eq!(found, Some(ty.parse::<Format>().expect("a type")), "{layer}: {slot}");
            compared += 1;
        }
    }
    assert_eq!(compared, 12);
    let found = Simulation::new(&imported.network).values(&[recorded.x.concat()]);
    assert_eq!(found, [recorded.y.concat()]);
}
