//! AMD Vitis HLS: `ap_fixed` and `#pragma HLS`.

use hls4rs_fixed::{Format, Rounding, Wide};

use super::shared::{self, Bench};
use super::{Defaults, Dialect};
use crate::hls::print::{Printer, extents};
use crate::hls::{
    Constant, Function, LoopHint, Module, Storage, Style, decimal, is_short, parameter, storage,
};
use crate::project::{Files, Settings};

/// How Vitis HLS spells the tree.
pub(super) struct Spelling;

/// Constant arrays of more elements are converted from `double` when a simulation starts: a compiler takes
/// milliseconds for each `ap_fixed` in an initializer.
const MAX_INITIALIZER: usize = 16;

impl Dialect for Spelling {
    fn defaults(&self) -> Defaults {
        Defaults { part: "xcvu13p-flga2577-2-e", clock_uncertainty: 27.0 }
    }

    fn number(&self, format: Format) -> String {
        if self.spells(format) { format.ap().to_string() } else { storage(format).ap().to_string() }
    }

    fn spells(&self, format: Format) -> bool {
        format.spelled_by_ap()
    }

    /// `ap_fixed` rounds by a bit that a narrow source does not have, and stops there in simulation.
    fn widened(&self, from: Format, to: Format) -> Option<Format> {
        let dropped = from.frac_bits() - to.frac_bits();
        let missing = dropped - from.width as i32;
        let wide = Format {
            width: from.width + missing.max(0).unsigned_abs(),
            int_bits: from.int_bits + missing,
            ..from
        };
        (missing > 0 && to.rounding != Rounding::Trn).then(|| storage(wide))
    }

    fn top_bits(&self, number: &str, format: Format, bits: u32) -> String {
        format!("{number}.range({}, {}).to_uint()", format.width - 1, format.width - bits)
    }

    fn local_prefix(&self, storage: Storage) -> &'static str {
        if storage == Storage::Lines { "static " } else { "" }
    }

    fn array_pragmas(&self, name: &str, rank: usize, storage: Storage) -> Vec<String> {
        let pragma = |text: String| format!("#pragma HLS {text}");
        match storage {
            Storage::Registers => {
                vec![pragma(format!("ARRAY_PARTITION variable={name} complete dim=0"))]
            }
            Storage::Rom => vec![pragma(format!("BIND_STORAGE    variable={name} type=rom_np"))],
            Storage::Lines => [pragma(format!("ARRAY_PARTITION variable={name} complete dim=1"))]
                .into_iter()
                .chain(
                    (3..=rank)
                        .map(|dim| pragma(format!("ARRAY_RESHAPE   variable={name} complete dim={dim}"))),
                )
                .collect(),
            Storage::WideRom => (2..=rank)
                .map(|dim| pragma(format!("ARRAY_RESHAPE   variable={name} complete dim={dim}")))
                .chain([pragma(format!("BIND_STORAGE    variable={name} type=rom_1p impl=bram"))])
                .collect(),
        }
    }

    fn function_pragmas(&self, function: &Function, reads: &[&Constant]) -> Vec<String> {
        let mut pragmas = Vec::new();
        if function.inline {
            pragmas.push("#pragma HLS INLINE".to_owned());
        }
        if let Some(interval) = function.interval {
            pragmas.push(format!("#pragma HLS PIPELINE        II={interval}"));
        }
        if let Some(limit) = function.multipliers {
            pragmas.push(format!("#pragma HLS ALLOCATION      operation instances=mul limit={limit}"));
        }
        pragmas.extend(reads.iter().flat_map(|c| self.array_pragmas(&c.name, c.extents.len(), c.storage)));
        pragmas
    }

    fn before_loop(&self, _: LoopHint) -> Option<String> {
        None
    }

    fn in_loop(&self, hint: LoopHint) -> Option<String> {
        match hint {
            LoopHint::Unroll => Some("#pragma HLS UNROLL".to_owned()),
            LoopHint::Flush { ii } => Some(format!("#pragma HLS PIPELINE II={ii} style=flp")),
            LoopHint::Pipeline { ii } => Some(format!("#pragma HLS PIPELINE II={ii} rewind")),
            // Perfect nests are flattened into the pipelined loop inside.
            LoopHint::Flatten => None,
        }
    }

    fn stream(&self, word: &str) -> String {
        format!("hls::stream<{word}>")
    }

    fn stream_declaration(&self, name: &str, word: &str, depth: usize) -> Vec<String> {
        vec![
            format!("{} {name}(\"{name}\");", self.stream(word)),
            format!("#pragma HLS STREAM variable={name} depth={depth}"),
        ]
    }

    fn weight_ports(&self) -> bool {
        true
    }

    fn streams(&self) -> bool {
        true
    }

    fn files(&self, module: &Module, settings: &Settings) -> Files {
        let name = &settings.network;
        let mut files = Files::new();
        let mut add = |path: String, text: String| files.insert(path.into(), text.into_bytes());
        add("firmware/defines.h".to_owned(), defines(self, module, settings));
        add(format!("firmware/{name}.h"), interface(self, module, settings));
        add(format!("firmware/{name}.cpp"), shared::network(self, settings, module, |p| top(p, module)));
        for constant in module.constants.iter().chain(&module.top.weights) {
            add(format!("firmware/weights/{}.h", constant.name), constant_file(self, settings, constant));
        }
        add(format!("{name}_test.cpp"), test_bench(self, module, settings));
        add("decimal.h".to_owned(), include_str!("../../assets/decimal.h").to_owned());
        add("raw_values.h".to_owned(), include_str!("../../assets/vitis/raw_values.h").to_owned());
        add("project.tcl".to_owned(), project_tcl(module, settings));
        add("build_opt.tcl".to_owned(), include_str!("../../assets/vitis/build_opt.tcl").to_owned());
        add("build_prj.tcl".to_owned(), include_str!("../../assets/vitis/build_prj.tcl").to_owned());
        add("vivado_synth.tcl".to_owned(), include_str!("../../assets/vitis/vivado_synth.tcl").to_owned());
        add("Makefile".to_owned(), makefile(settings));
        add("README.md".to_owned(), readme(settings));
        files
    }
}

/// Whether a simulation converts the array when it starts.
fn is_converted(constant: &Constant) -> bool {
    constant.raw.len() > MAX_INITIALIZER && constant.raw.iter().all(|&raw| is_short(Wide::from_i64(raw)))
}

fn defines(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let what = format!("{}: number types.", settings.network);
    let file = format!("{}_defines.h", settings.network);
    shared::guarded(dialect, settings, (&file, &what), |p| {
        // The headers confuse an analysis of g++ that -isystem does not keep from looking into them.
        p.line("#if defined(__GNUC__) && !defined(__clang__)");
        p.line("#pragma GCC diagnostic push");
        p.line("#pragma GCC diagnostic ignored \"-Wmaybe-uninitialized\"");
        p.line("#pragma GCC diagnostic ignored \"-Wuninitialized\"");
        p.line("#include \"ap_fixed.h\"");
        p.line("#pragma GCC diagnostic pop");
        p.line("#else");
        p.line("#include \"ap_fixed.h\"");
        p.line("#endif");
        if !module.words.is_empty() {
            p.line("#include \"hls_stream.h\"");
        }
        p.gap();
        shared::type_aliases(p, dialect, &module.types);
        shared::words(p, &module.words);
        let ranks = (1..=2)
            .filter(|&rank| module.constants.iter().any(|c| is_converted(c) && c.extents.len() == rank));
        let ranks: Vec<_> = ranks.collect();
        if !ranks.is_empty() {
            p.gap();
            p.line("#ifndef __SYNTHESIS__");
            p.line("// Constant arrays in simulation are converted when the program starts: compilers are slow with");
            p.line("// initializers of many ap_fixed.");
            ranks.into_iter().for_each(|rank| converted(p, rank));
            p.line("#endif");
        }
    })
}

/// The class that holds a constant array in simulation.
fn converted(p: &mut Printer<'_>, rank: usize) {
    let (class, parameters, sizes, element) = match rank {
        1 => ("converted", "int N", "[N]", "const T &operator[](int i) const { return values[i]; }"),
        _ => (
            "converted_rows",
            "int N, int M",
            "[N][M]",
            "const T *operator[](int i) const { return values[i]; }",
        ),
    };
    p.line(format!("template <typename T, {parameters}>"));
    p.line(format!("struct {class} {{"));
    p.indented(|p| {
        p.line(format!("explicit {class}(const double (&from){sizes}) {{"));
        p.indented(|p| {
            p.line("for (int i = 0; i < N; i++) {");
            p.indented(|p| match rank {
                1 => p.line("values[i] = from[i];"),
                _ => {
                    p.line("for (int j = 0; j < M; j++) {");
                    p.indented(|p| p.line("values[i][j] = from[i][j];"));
                    p.line("}");
                }
            });
            p.line("}");
        });
        p.line("}");
        p.line(element);
        p.line(format!("T values{sizes};"));
    });
    p.line("};");
}

fn constant_file(dialect: &Spelling, settings: &Settings, constant: &Constant) -> String {
    let what = shared::describe(constant);
    let file = format!("{}_weights_{}.h", settings.network, constant.name);
    shared::guarded(dialect, settings, (&file, &what), |p| {
        p.include("\"../defines.h\"");
        if !is_converted(constant) {
            shared::constant_array(p, dialect, constant, "");
            return;
        }
        let (ty, name, extents) = (p.ty(&constant.ty), &constant.name, extents(&constant.extents));
        p.line("#ifdef __SYNTHESIS__");
        p.line(format!("static const {ty} {name}{extents} = {{"));
        p.line("#else");
        p.line(format!("static const double {name}_values{extents} = {{"));
        p.line("#endif");
        let frac_bits = constant.ty.format.frac_bits();
        shared::values(p, constant, &|raw| decimal(raw, frac_bits));
        p.line("};");
        p.line("#ifndef __SYNTHESIS__");
        let class = if constant.extents.len() == 1 { "converted" } else { "converted_rows" };
        let sizes: Vec<_> = constant.extents.iter().map(usize::to_string).collect();
        p.line(format!("static const {class}<{ty}, {}> {name}({name}_values);", sizes.join(", ")));
        p.line("#endif");
    })
}

fn signature(p: &Printer<'_>, module: &Module) -> String {
    let ports = module.top.inputs.iter().chain(&module.top.outputs).map(|param| p.param(param));
    let weights = module.top.weights.iter().map(|constant| p.param(&parameter(constant)));
    format!("void {}({})", module.top.name, ports.chain(weights).collect::<Vec<_>>().join(", "))
}

fn interface(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let what = format!("{}: the top function.", settings.network);
    shared::guarded(dialect, settings, (&format!("{}.h", settings.network), &what), |p| {
        p.include("\"defines.h\"");
        p.line(format!("{};", signature(p, module)));
    })
}

fn top(p: &mut Printer<'_>, module: &Module) {
    let top = &module.top;
    p.line(format!("{} {{", signature(p, module)));
    p.indented(|p| {
        for input in top.inputs.iter().filter(|port| port.stream().is_none()) {
            p.line(format!("#pragma HLS ARRAY_RESHAPE   variable={} complete dim=0", input.name));
        }
        for output in top.outputs.iter().filter(|port| port.stream().is_none()) {
            p.line(format!("#pragma HLS ARRAY_PARTITION variable={} complete dim=0", output.name));
        }
        let ports = || top.inputs.iter().chain(&top.outputs);
        let names: Vec<_> = ports().map(|port| port.name.as_str()).collect();
        let mode = if ports().any(|port| port.stream().is_some()) { "axis  " } else { "ap_vld" };
        p.line(format!("#pragma HLS INTERFACE       {mode} port={}", names.join(",")));
        if !top.weights.is_empty() {
            let names: Vec<_> = top.weights.iter().map(|constant| constant.name.as_str()).collect();
            p.line(format!("#pragma HLS INTERFACE       bram   port={}", names.join(",")));
        }
        match top.style {
            Style::Pipeline { interval } => p.line(format!("#pragma HLS PIPELINE        II={interval}")),
            Style::Dataflow { .. } => p.line("#pragma HLS DATAFLOW"),
        }
        p.gap();
        p.block(&top.body);
    });
    p.line("}");
}

fn test_bench(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let p = Printer::new(dialect);
    let ports = || module.top.inputs.iter().chain(&module.top.outputs);
    let declare = |param: &crate::hls::Param| match param.stream() {
        Some(stream) => format!("{} {};", dialect.stream(&stream.word), param.name),
        None => format!("{} {}[{}];", p.ty(&param.ty), param.name, param.len()),
    };
    let weights = &module.top.weights;
    let weight = |c: &Constant| if is_converted(c) { format!("{}.values", c.name) } else { c.name.clone() };
    let names: Vec<_> = ports().map(|param| param.name.clone()).chain(weights.iter().map(weight)).collect();
    let bench = Bench {
        includes: weights.iter().map(|c| format!("\"firmware/weights/{}.h\"", c.name)).collect(),
        arrays: ports().map(declare).collect(),
        call: format!("{}({});", module.top.name, names.join(", ")),
        input: |param| param.name.clone(),
        output: |param| param.name.clone(),
    };
    shared::test_bench(dialect, settings, module, &bench)
}

fn project_tcl(module: &Module, settings: &Settings) -> String {
    format!(
        "{}set project_name \"{}\"\nset top_name \"{}\"\nset part \"{}\"\nset clock_period {}\nset clock_uncertainty {}%\nset version \"1.0.0\"\n",
        shared::configuration(settings, "#"),
        settings.network,
        module.top.name,
        settings.part,
        settings.clock_ns,
        settings.clock_uncertainty,
    )
}

fn makefile(settings: &Settings) -> String {
    let name = &settings.network;
    format!(
        "{}
# make csim                     compiles the network and compares it with tb_data
# make csim HEADERS=directory   with ap_fixed.h from elsewhere
HEADERS  = $(XILINX_HLS)/include
CXX      = g++
CXXFLAGS = -std=c++14 -O1 -Wall -Wextra -Wno-unknown-pragmas
SOURCES  = {name}_test.cpp firmware/{name}.cpp

.PHONY: csim clean
csim: {name}_csim
\t./{name}_csim

{name}_csim: $(SOURCES) decimal.h raw_values.h $(wildcard firmware/*.h firmware/weights/*.h)
\t$(CXX) $(CXXFLAGS) -isystem $(HEADERS) $(SOURCES) -o $@

clean:
\t$(RM) {name}_csim
",
        shared::configuration(settings, "#").trim_end()
    )
}

fn readme(settings: &Settings) -> String {
    let name = &settings.network;
    format!(
        "# {name}

Firmware of the network `{name}` for Vitis HLS, made by hls4rs {}; digest {}.

    make csim HEADERS=path/to/ap_types       # bit-exact check with g++ alone
    vitis-run --mode hls --tcl build_prj.tcl # C simulation and synthesis; steps are chosen in build_opt.tcl

`vitis_hls -f build_prj.tcl \"csim=0 synth=1 cosim=1 vsynth=1\"` takes the steps as arguments.

| file | content |
|---|---|
| `firmware/{name}.cpp` | a function for each layer, and the top function |
| `firmware/defines.h` | number types |
| `firmware/weights/` | weights, biases and function tables |
| `{name}_test.cpp` | test bench: compares every output bit with `tb_data/` |
",
        env!("CARGO_PKG_VERSION"),
        settings.digest
    )
}
