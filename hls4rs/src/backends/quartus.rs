//! Intel HLS: `ac_fixed`, components with structures, `hls_` attributes and loop pragmas.

use hls4rs_fixed::Format;

use super::shared::{self, Bench};
use super::{Defaults, Dialect};
use crate::hls::print::Printer;
use crate::hls::{Constant, Function, LoopHint, Module, Param, Stmt, Storage, Style, storage};
use crate::project::{Files, Settings};

/// How Intel HLS spells the tree.
pub(super) struct Spelling;

/// What stands before an array that lives in registers.
const REGISTER: &str = "hls_register ";
/// What stands before an array that lives in memory blocks.
const MEMORY: &str = "hls_memory_impl(\"BLOCK_RAM\") hls_max_replicates(1) ";

impl Dialect for Spelling {
    fn defaults(&self) -> Defaults {
        Defaults { part: "Arria10", clock_uncertainty: 0.0 }
    }

    fn number(&self, format: Format) -> String {
        if self.spells(format) { format.ac().to_string() } else { storage(format).ac().to_string() }
    }

    fn spells(&self, format: Format) -> bool {
        format.spelled_by_ac()
    }

    fn top_bits(&self, number: &str, format: Format, bits: u32) -> String {
        // A slice has the sign of the number; it is read as unsigned.
        format!("ac_int<{bits}, false>({number}.slc<{bits}>({})).to_uint()", format.width - bits)
    }

    fn local_prefix(&self, storage: Storage) -> &'static str {
        match storage {
            Storage::Registers => REGISTER,
            Storage::Rom | Storage::WideRom => "",
            Storage::Lines => "static ",
        }
    }

    fn array_pragmas(&self, _: &str, _: usize, _: Storage) -> Vec<String> {
        Vec::new()
    }

    fn function_pragmas(&self, _: &Function, _: &[&Constant]) -> Vec<String> {
        Vec::new()
    }

    fn before_loop(&self, hint: LoopHint) -> Option<String> {
        match hint {
            LoopHint::Unroll => Some("#pragma unroll".to_owned()),
            LoopHint::Pipeline { ii } | LoopHint::Flush { ii } => Some(format!("#pragma ii {ii}")),
            LoopHint::Flatten => Some("#pragma loop_coalesce 2".to_owned()),
        }
    }

    fn in_loop(&self, _: LoopHint) -> Option<String> {
        None
    }

    fn stream(&self, word: &str) -> String {
        format!("ihc::stream<{word}>")
    }

    fn stream_declaration(&self, name: &str, word: &str, _: usize) -> Vec<String> {
        vec![format!("{} {name};", self.stream(word))]
    }

    fn weight_ports(&self) -> bool {
        false
    }

    fn streams(&self) -> bool {
        false
    }

    fn files(&self, module: &Module, settings: &Settings) -> Files {
        let name = &settings.network;
        let mut files = Files::new();
        let mut add = |path: String, text: String| files.insert(path.into(), text.into_bytes());
        add("firmware/defines.h".to_owned(), defines(self, module, settings));
        add(format!("firmware/{name}.h"), interface(self, module, settings));
        add(
            format!("firmware/{name}.cpp"),
            shared::network(self, settings, module, |p| top(p, module, settings)),
        );
        for constant in &module.constants {
            add(format!("firmware/weights/{}.h", constant.name), constant_file(self, settings, constant));
        }
        add(format!("{name}_test.cpp"), test_bench(self, module, settings));
        add("decimal.h".to_owned(), include_str!("../../assets/decimal.h").to_owned());
        add("raw_values.h".to_owned(), include_str!("../../assets/quartus/raw_values.h").to_owned());
        add("Makefile".to_owned(), makefile(settings));
        add("README.md".to_owned(), readme(settings));
        files
    }
}

/// What stands before a constant array.
fn constant_prefix(storage: Storage) -> &'static str {
    match storage {
        Storage::WideRom => MEMORY,
        Storage::Rom | Storage::Registers | Storage::Lines => "",
    }
}

fn defines(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let what = format!("{}: number types.", settings.network);
    let file = format!("{}_defines.h", settings.network);
    let uses = |prefix: &str| module.constants.iter().any(|c| constant_prefix(c.storage) == prefix);
    let mut attributes =
        vec!["component", "hls_component_ii(cycles)", "hls_register", "hls_scheduler_target_fmax_mhz(mhz)"];
    if uses(MEMORY) {
        attributes.extend(["hls_max_replicates(n)", "hls_memory_impl(kind)"]);
    }
    attributes.sort_unstable();
    shared::guarded(dialect, settings, (&file, &what), |p| {
        p.line("#ifdef __INTELFPGA_COMPILER__");
        p.line("#include \"HLS/ac_fixed.h\"");
        p.line("#include \"HLS/ac_int.h\"");
        p.line("#include \"HLS/hls.h\"");
        p.line("#else");
        p.line("#include \"ac_fixed.h\"");
        p.line("#include \"ac_int.h\"");
        p.line("// Other compilers simulate the numbers, not the hardware.");
        p.lines(attributes.iter().map(|attribute| format!("#define {attribute}")));
        p.line("#endif");
        p.gap();
        shared::type_aliases(p, dialect, &module.types);
    })
}

fn constant_file(dialect: &Spelling, settings: &Settings, constant: &Constant) -> String {
    let what = shared::describe(constant);
    let file = format!("{}_weights_{}.h", settings.network, constant.name);
    shared::guarded(dialect, settings, (&file, &what), |p| {
        p.include("\"../defines.h\"");
        shared::constant_array(p, dialect, constant, constant_prefix(constant.storage));
    })
}

/// `struct jet_data { jet_t data[16]; }`
fn input_struct(param: &Param) -> String {
    format!("{}_data", param.name)
}

fn output_struct(module: &Module) -> String {
    format!("{}_result", module.top.name)
}

fn interface(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let what = format!("{}: the component.", settings.network);
    shared::guarded(dialect, settings, (&format!("{}.h", settings.network), &what), |p| {
        p.include("\"defines.h\"");
        let member = |p: &Printer<'_>, param: &Param, name: &str| {
            format!("{} {name}[{}];", p.ty(&param.ty), param.len())
        };
        for input in &module.top.inputs {
            p.line(format!("struct {} {{", input_struct(input)));
            let line = member(p, input, "data");
            p.indented(|p| p.line(line));
            p.line("};");
            p.gap();
        }
        p.line(format!("struct {} {{", output_struct(module)));
        let lines: Vec<_> = module.top.outputs.iter().map(|output| member(p, output, &output.name)).collect();
        p.indented(|p| p.lines(lines));
        p.line("};");
        p.gap();
        p.line(format!("component {};", signature(module)));
    })
}

fn signature(module: &Module) -> String {
    let params = module.top.inputs.iter().map(|input| format!("{} {}", input_struct(input), input.name));
    format!("{} {}({})", output_struct(module), module.top.name, params.collect::<Vec<_>>().join(", "))
}

fn top(p: &mut Printer<'_>, module: &Module, settings: &Settings) {
    let top = &module.top;
    let (Style::Pipeline { interval } | Style::Dataflow { interval }) = top.style;
    p.line(format!("hls_scheduler_target_fmax_mhz({})", (1000.0 / settings.clock_ns).ceil()));
    p.line(format!("hls_component_ii({interval})"));
    p.line(format!("component {} {{", signature(module)));
    // Ports are members of structures.
    let member = |name: &String| {
        if top.inputs.iter().any(|input| input.name == *name) {
            format!("{name}.data")
        } else if top.outputs.iter().any(|output| output.name == *name) {
            format!("result.{name}")
        } else {
            name.clone()
        }
    };
    let mut body = top.body.clone();
    for stmt in &mut body {
        if let Stmt::Call { args, .. } = stmt {
            *args = args.iter().map(member).collect();
        }
    }
    p.indented(|p| {
        p.line(format!("{REGISTER}{} result;", output_struct(module)));
        p.block(&body);
        p.line("return result;");
    });
    p.line("}");
}

fn test_bench(dialect: &Spelling, module: &Module, settings: &Settings) -> String {
    let top = &module.top;
    let names: Vec<_> = top.inputs.iter().map(|param| param.name.clone()).collect();
    let bench = Bench {
        includes: Vec::new(),
        arrays: top.inputs.iter().map(|input| format!("{} {};", input_struct(input), input.name)).collect(),
        call: format!("const {} result = {}({});", output_struct(module), top.name, names.join(", ")),
        input: |param| format!("{}.data", param.name),
        output: |param| format!("result.{}", param.name),
    };
    shared::test_bench(dialect, settings, module, &bench)
}

fn makefile(settings: &Settings) -> String {
    let (name, part) = (&settings.network, &settings.part);
    format!(
        "{}
# make {name}-fpga              compiles the component for the part, and simulates it
# make csim HEADERS=directory   compiles the network with g++ and ac_fixed.h, and compares it with tb_data
DEVICE              = {part}
HLSFLAGS            = -march=$(DEVICE)
LOGGING_1           =
LOGGING_2           =
QUARTUS_COMPILE     =
CONT_IF_LARGE_AREA  =
HEADERS             = $(INTELFPGAOCLSDKROOT)/include
CXX                 = g++
CXXFLAGS            = -std=c++14 -O1 -Wall -Wextra -Wno-unknown-pragmas
SOURCES             = {name}_test.cpp firmware/{name}.cpp
DEPENDENCIES        = $(SOURCES) decimal.h raw_values.h $(wildcard firmware/*.h firmware/weights/*.h)

.PHONY: csim clean {name}-fpga
{name}-fpga: $(DEPENDENCIES)
\ti++ $(LOGGING_1) $(LOGGING_2) $(HLSFLAGS) $(SOURCES) $(CONT_IF_LARGE_AREA) $(QUARTUS_COMPILE) -o $@
\t./$@

csim: {name}_csim
\t./{name}_csim

{name}_csim: $(DEPENDENCIES)
\t$(CXX) $(CXXFLAGS) -isystem $(HEADERS) $(SOURCES) -o $@

clean:
\t$(RM) -r {name}_csim {name}-fpga {name}-fpga.prj
",
        shared::configuration(settings, "#").trim_end()
    )
}

fn readme(settings: &Settings) -> String {
    let name = &settings.network;
    format!(
        "# {name}

Firmware of the network `{name}` for Intel HLS, made by hls4rs {}; digest {}.

    make csim HEADERS=path/to/ac_types   # bit-exact check with g++ alone
    make {name}-fpga                     # synthesis with i++, then simulation of the component

| file | content |
|---|---|
| `firmware/{name}.cpp` | a function for each layer, and the component |
| `firmware/defines.h` | number types |
| `firmware/weights/` | weights, biases and function tables |
| `{name}_test.cpp` | test bench: compares every output bit with `tb_data/` |
",
        env!("CARGO_PKG_VERSION"),
        settings.digest
    )
}
