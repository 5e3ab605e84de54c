//! A layer inside of another one that applies it to every step of the first axis.

use hls4rs_ir::Resolved;

use super::directive::LoopHint;
use super::layer::{LayerCx, Operand};
use super::process::{has_pipeline, process};
use super::stmt::Stmt;
use super::tree::extents;
use super::types::{Carrier, Function};

impl LayerCx<'_> {
    /// Emits the layer of `part`, the network of one step of this layer, with its types and constants; between streams
    /// of one step, or arrays.
    pub(crate) fn within_step<T>(
        &mut self,
        part: &Resolved,
        streams: bool,
        emit: impl FnOnce(&mut LayerCx<'_>) -> Option<T>,
    ) -> Option<T> {
        let steps = self.x().node.shape[0];
        let [(_, input, input_facts), (_, node, facts)] = part.iter().collect::<Vec<_>>().try_into().ok()?;
        let x = self.x();
        let operand = Operand {
            node: input,
            facts: input_facts,
            ty: x.ty.clone(),
            stream: x.stream.filter(|_| streams).map(|(words, channels)| (words / steps, channels)),
            word: x.word.clone().filter(|_| streams),
        };
        let mut cx = LayerCx {
            node,
            facts,
            io: self.io,
            inputs: vec![operand],
            result: self.result.clone(),
            layout: extents(&node.shape).into(),
            function: self.function.clone(),
            names: self.names,
            types: Vec::new(),
            constants: Vec::new(),
            helpers: Vec::new(),
            word: None,
        };
        let done = emit(&mut cx)?;
        let LayerCx { layout, types, constants, helpers, word, .. } = cx;
        self.types.extend(types);
        self.constants.extend(constants);
        self.helpers.extend(helpers);
        if streams {
            let (words, channels) = layout.get();
            self.layout.set((words * steps, channels));
            self.word = word;
        }
        Some(done)
    }

    /// The process between streams that the layer's function between arrays becomes, after the functions it calls.
    pub(crate) fn process_of(&mut self, function: Function) -> Option<Vec<Function>> {
        let (x, y) = (self.x_stream()?, self.y_stream());
        let name = self.names.unique(&format!("{}_process", function.name));
        Some(process(function, name, &[x], &y))
    }
}

impl Function {
    /// The process between streams that does the same so many times.
    pub(crate) fn repeated(mut self, var: &str, times: usize) -> Self {
        for param in &mut self.params {
            if let Carrier::Stream(stream) = &mut param.carrier {
                stream.words *= times;
            }
        }
        let pipeline = self.interval.filter(|_| !has_pipeline(&self.body));
        let hint = pipeline.map(|ii| LoopHint::Flush { ii });
        self.body = vec![Stmt::repeated(var, times, hint, self.body)];
        Self { interval: None, ..self }
    }
}
