//! Files that every vendor's project has: types, constants, the network, its test bench.

use std::fmt::Write as _;

use crate::hls::print::{Printer, extents};
use crate::hls::{Constant, Literal, Module, Param, TypeAlias, WordType, literal, storage};
use crate::project::Settings;
use hls4rs_fixed::Wide;

use super::Dialect;

/// The lines at the top of a C++ file.
pub(super) fn header(settings: &Settings, what: &str) -> String {
    format!("// {what}\n{}\n", configuration(settings, "//"))
}

/// Tool, network and configuration as comment lines.
pub(super) fn configuration(settings: &Settings, mark: &str) -> String {
    format!(
        "{mark} Made by hls4rs {} from network {}, digest {}.\n{mark} Backend {}, part {}, clock {} ns with {} % uncertainty.\n",
        env!("CARGO_PKG_VERSION"),
        settings.network,
        settings.digest,
        settings.backend,
        settings.part,
        settings.clock_ns,
        settings.clock_uncertainty,
    )
}

/// The name of an include guard.
pub(super) fn guard(file: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("HLS4RS_{}", file.chars().map(word).collect::<String>())
}

/// A header file with its guard.
pub(super) fn guarded(
    dialect: &dyn Dialect,
    settings: &Settings,
    (file, what): (&str, &str),
    body: impl FnOnce(&mut Printer<'_>),
) -> String {
    let mut p = Printer::new(dialect);
    let guard = guard(file);
    body(&mut p);
    let top = format!("{}#ifndef {guard}\n#define {guard}\n\n", header(settings, what));
    p.finish(&top) + "\n#endif\n"
}

/// Type definitions, aligned.
pub(super) fn type_aliases(p: &mut Printer<'_>, dialect: &dyn Dialect, types: &[TypeAlias]) {
    let spelled: Vec<_> =
        types.iter().map(|t| format!("typedef {} {};", dialect.number(t.format), t.name)).collect();
    let width = spelled.iter().map(String::len).max().unwrap_or(0);
    for (line, alias) in spelled.iter().zip(types) {
        let note =
            if dialect.spells(alias.format) { String::new() } else { format!(", as {}", alias.format) };
        p.line(format!("{line:width$}  // {}{note}", alias.doc));
    }
}

/// The words of streams: structures of as many numbers as a position has channels.
pub(super) fn words(p: &mut Printer<'_>, words: &[WordType]) {
    for word in words {
        p.gap();
        p.line(format!("struct {} {{", word.name));
        let line = format!("{} data[{}];", p.ty(&word.ty), word.channels);
        p.indented(|p| p.line(line));
        p.line("};");
    }
}

/// The initializer of a constant array, one row of the innermost extent after the other.
pub(super) fn values(p: &mut Printer<'_>, constant: &Constant, text: &dyn Fn(Wide) -> String) {
    let row = constant.extents.last().copied().unwrap_or(1);
    let nested = constant.extents.len() > 1;
    let mut lines = Vec::new();
    for values in constant.raw.chunks(row) {
        let words: Vec<_> = values.iter().map(|&raw| text(Wide::from_i64(raw))).collect();
        let mut line = if nested { "{".to_owned() } else { String::new() };
        for (n, word) in words.iter().enumerate() {
            let end = match (n + 1 == words.len(), nested) {
                (true, true) => "},",
                _ => ",",
            };
            if line.len() + word.len() + end.len() > 112 && line.len() > 1 {
                lines.push(line.trim_end().to_owned());
                line = if nested { " ".to_owned() } else { String::new() };
            }
            let _ = write!(line, "{word}{end} ");
        }
        lines.push(line.trim_end().to_owned());
    }
    p.indented(|p| p.lines(lines));
}

/// `static const fc1_weight_t fc1_weight[16][64] = {…};`
pub(super) fn constant_array(p: &mut Printer<'_>, dialect: &dyn Dialect, constant: &Constant, prefix: &str) {
    let ty = p.ty(&constant.ty);
    p.line(format!("{prefix}static const {ty} {}{} = {{", constant.name, extents(&constant.extents)));
    let frac_bits = constant.ty.format.frac_bits();
    values(p, constant, &|raw| match literal(raw, frac_bits) {
        Literal::Exact(text) => text,
        Literal::Sum(high, low) => {
            let wide = dialect.number(storage(constant.ty.format));
            format!("{wide}({high}) + {wide}({low})")
        }
    });
    p.line("};");
}

/// What a constant array holds, one comment line.
pub(super) fn describe(constant: &Constant) -> String {
    let extents: Vec<_> = constant.extents.iter().map(usize::to_string).collect();
    format!("{}, {} values of {}", constant.doc, extents.join(" x "), constant.ty.format)
}

/// The file of the network: constants, a function for each layer, then what `top` prints.
pub(super) fn network(
    dialect: &dyn Dialect,
    settings: &Settings,
    module: &Module,
    top: impl FnOnce(&mut Printer<'_>),
) -> String {
    let mut p = Printer::new(dialect);
    p.include(&format!("\"{}.h\"", settings.network));
    for constant in &module.constants {
        p.include(&format!("\"weights/{}.h\"", constant.name));
    }
    for function in &module.functions {
        let reads: Vec<_> = function.reads.iter().map(|name| module.constant(name)).collect();
        p.function(function, &reads);
    }
    top(&mut p);
    p.finish(&header(settings, &format!("{}: the network.", settings.network)))
}

/// How a vendor's test bench calls the network.
pub(super) struct Bench {
    /// Headers beside the usual ones.
    pub(super) includes: Vec<String>,
    /// Declarations of what [`call`](Self::call) reads and writes.
    pub(super) arrays: Vec<String>,
    /// The call.
    pub(super) call: String,
    /// The array of each input, by its parameter.
    pub(super) input: fn(&Param) -> String,
    /// The array of each output, by its parameter.
    pub(super) output: fn(&Param) -> String,
}

/// `for (int var = 0; var < to; var++) { … }`.
fn each(p: &mut Printer<'_>, var: &str, to: usize, body: impl FnOnce(&mut Printer<'_>)) {
    p.line(format!("for (int {var} = 0; {var} < {to}; {var}++) {{"));
    p.indented(body);
    p.line("}");
}

/// The self-checking test bench.
pub(super) fn test_bench(
    dialect: &dyn Dialect,
    settings: &Settings,
    module: &Module,
    bench: &Bench,
) -> String {
    let name = &settings.network;
    let mut p = Printer::new(dialect);
    for include in ["<cstdio>", "<fstream>", "<iostream>", "<sstream>", "<string>", "<vector>"] {
        p.include(include);
    }
    p.include(&format!("\"firmware/{name}.h\""));
    p.include("\"raw_values.h\"");
    bench.includes.iter().for_each(|include| p.include(include));
    let top = &module.top;
    let total: usize = top.inputs.iter().map(Param::len).sum();
    p.line("// Computes a sample; inputs and outputs are raw values, the number times 2^F, in decimal.");
    p.line("static std::vector<std::string> compute(const std::vector<std::string> &inputs) {");
    p.indented(|p| {
        p.lines(bench.arrays.clone());
        let mut offset = 0;
        for input in &top.inputs {
            let (len, array) = (input.len(), (bench.input)(input));
            let from = |at: &str| if offset == 0 { at.to_owned() } else { format!("{offset} + {at}") };
            let set = |place: &str, at: &str| {
                format!("set_raw<{}>({place}, inputs[{}]);", input.ty.format.width, from(at))
            };
            match input.stream() {
                None => each(p, "i", len, |p| p.line(set(&format!("{array}[i]"), "i"))),
                Some(stream) => each(p, "i", stream.words, |p| {
                    p.line(format!("{} word;", stream.word));
                    let at = format!("{} * i + c", stream.channels);
                    each(p, "c", stream.channels, |p| p.line(set("word.data[c]", &at)));
                    p.line(format!("{array}.write(word);"));
                }),
            }
            offset += len;
        }
        p.line(bench.call.clone());
        p.line("std::vector<std::string> outputs;");
        for output in &top.outputs {
            let (len, array) = (output.len(), (bench.output)(output));
            let format = output.ty.format;
            let push = |place: &str| {
                format!("outputs.push_back(raw<{}, {}>({place}));", format.width, format.signed)
            };
            match output.stream() {
                None => each(p, "i", len, |p| p.line(push(&format!("{array}[i]")))),
                Some(stream) => each(p, "i", stream.words, |p| {
                    p.line(format!("const {} word = {array}.read();", stream.word));
                    each(p, "c", stream.channels, |p| p.line(push("word.data[c]")));
                }),
            }
        }
        p.line("return outputs;");
    });
    p.line("}");
    p.gap();
    p.line(format!("static const std::size_t INPUTS = {total};"));
    p.gap();
    for line in include_str!("../../assets/test_bench.cpp").lines() {
        if line.is_empty() {
            p.gap();
        } else {
            p.line(line);
        }
    }
    let what = format!(
        "{name}: test bench.\n//\n// {name}_test                     compares with tb_data, bit by bit\n// {name}_test INPUTS              prints the outputs, `-` reads standard input\n// {name}_test INPUTS EXPECTED     compares\n//\n// A line of a file is a sample: {total} raw values, the number times 2^F, separated by spaces.\n//"
    );
    p.finish(&header(settings, &what))
}
