//! How deep the streams between processes must be.
//!
//! Every process is run as far as its words go: which stream it reads and writes, in which order, as its statements
//! say; numbers do not matter for that. Between the processes are queues of bounded depth. A process network of this
//! kind either runs to its end or stops with every process waiting, whatever the order of execution (Kahn 1974; Parks
//! 1995, Bounded Scheduling of Process Networks), so that one run tells.

use std::collections::BTreeSet;

use super::expr::{Condition, Index};
use super::stmt::Stmt;
use super::types::{Function, Module, Param};

/// The depth of a stream that need not hold anything back: with two words, reader and writer never wait for each other.
pub(super) const LEAST_DEPTH: usize = 2;

/// Gives every stream the least depth with which the network runs to its end.
pub(super) fn set_depths(module: &mut Module) {
    let network = Processes::of(module);
    let depths = network.depths();
    for stmt in &mut module.top.body {
        if let Stmt::Stream { name, depth, .. } = stmt
            && let Some(at) = network.queues.iter().position(|queue| queue == name)
        {
            *depth = depths[at];
        }
    }
}

/// A word read from or written to a queue.
#[derive(Clone, Copy, Debug)]
struct Turn {
    queue: usize,
    writes: bool,
}

/// Processes and the queues between them.
pub(super) struct Processes {
    /// The names of the streams inside of the network.
    pub(super) queues: Vec<String>,
    turns: Vec<Vec<Turn>>,
    reader: Vec<usize>,
    writer: Vec<usize>,
}

impl Processes {
    /// The processes that the top function calls.
    pub(super) fn of(module: &Module) -> Self {
        let streams = module.top.body.iter().filter_map(|stmt| match stmt {
            Stmt::Stream { name, .. } => Some(name.clone()),
            _ => None,
        });
        let queues: Vec<_> = streams.collect();
        let mut turns = Vec::new();
        // Without streams there is nothing to follow.
        let calls = module.top.body.iter().filter(|_| !queues.is_empty());
        for stmt in calls {
            let Stmt::Call { function, args } = stmt else { continue };
            let function =
                module.functions.iter().find(|f| f.name == *function).expect("a function that was emitted");
            turns.push(Follow::turns(function, args, &queues));
        }
        let (mut reader, mut writer) = (vec![0; queues.len()], vec![0; queues.len()]);
        for (process, turns) in turns.iter().enumerate() {
            for turn in turns {
                if turn.writes { writer[turn.queue] = process } else { reader[turn.queue] = process }
            }
        }
        Self { queues, turns, reader, writer }
    }

    /// The least depths, none of which can be less while the others stay.
    pub(super) fn depths(&self) -> Vec<usize> {
        let mut depths = vec![LEAST_DEPTH; self.queues.len()];
        let mut run = Run::new(self);
        while let Some(full) = run.until_stuck(&depths) {
            depths[full] *= 2;
        }
        for queue in 0..depths.len() {
            let (mut low, mut high) = (LEAST_DEPTH, depths[queue]);
            while low < high {
                depths[queue] = (low + high) / 2;
                if self.finishes(&depths) { high = depths[queue] } else { low = depths[queue] + 1 }
            }
            depths[queue] = high;
        }
        depths
    }

    /// Whether the network runs to its end with these depths.
    pub(super) fn finishes(&self, depths: &[usize]) -> bool {
        Run::new(self).until_stuck(depths).is_none()
    }
}

/// A run of the network.
struct Run<'a> {
    network: &'a Processes,
    /// How many turns every process has taken.
    taken: Vec<usize>,
    /// Words in every queue.
    held: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(network: &'a Processes) -> Self {
        Self { network, taken: vec![0; network.turns.len()], held: vec![0; network.queues.len()] }
    }

    /// Goes on until all processes are done, or gives a full queue without which the network could go on.
    fn until_stuck(&mut self, depths: &[usize]) -> Option<usize> {
        loop {
            let mut moved = false;
            for (taken, turns) in self.taken.iter_mut().zip(&self.network.turns) {
                while let Some(turn) = turns.get(*taken) {
                    let held = &mut self.held[turn.queue];
                    match turn.writes {
                        true if *held < depths[turn.queue] => *held += 1,
                        false if *held > 0 => *held -= 1,
                        _ => break,
                    }
                    *taken += 1;
                    moved = true;
                }
            }
            let waiting = (0..self.taken.len()).find(|&p| self.turn(p).is_some());
            match waiting {
                None => return None,
                Some(process) if !moved => return Some(self.culprit(process)),
                Some(_) => {}
            }
        }
    }

    fn turn(&self, process: usize) -> Option<Turn> {
        self.network.turns[process].get(self.taken[process]).copied()
    }

    /// A full queue in the ring of processes that wait for each other.
    fn culprit(&self, mut process: usize) -> usize {
        let next = |process: usize| {
            let turn = self.turn(process).expect("who waits for a process that is done waits for ever");
            if turn.writes { self.network.reader[turn.queue] } else { self.network.writer[turn.queue] }
        };
        // After as many steps as there are processes, the walk is on the ring.
        for _ in 0..self.taken.len() {
            process = next(process);
        }
        for _ in 0..self.taken.len() {
            if let Some(turn) = self.turn(process).filter(|turn| turn.writes) {
                return turn.queue;
            }
            process = next(process);
        }
        unreachable!("layers read only from layers before them, so that a ring has a full queue")
    }
}

/// Follows the statements of a process.
struct Follow<'a> {
    params: &'a [Param],
    /// The queue of every parameter; none for a stream that leads out of the network.
    queues: Vec<Option<usize>>,
    variables: Vec<(&'a str, usize)>,
    /// Counters on which it depends what is read and written.
    counters: BTreeSet<&'a str>,
    turns: Vec<Turn>,
}

impl<'a> Follow<'a> {
    fn turns(function: &'a Function, args: &[String], queues: &[String]) -> Vec<Turn> {
        let queue = |arg: &String| queues.iter().position(|queue| queue == arg);
        let mut follow = Self {
            params: &function.params,
            queues: args.iter().map(queue).collect(),
            variables: Vec::new(),
            counters: deciding(&function.body),
            turns: Vec::new(),
        };
        follow.block(&function.body);
        follow.turns
    }

    fn block(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ReadWord { stream, .. } => self.turn(stream, false),
            Stmt::WriteWord { stream, .. } => self.turn(stream, true),
            Stmt::Counter { name, value } => self.variables.push((name, *value)),
            Stmt::Count { name, value } if self.counters.contains(name.as_str()) => {
                let value = self.index(value);
                let variable = self.variables.iter_mut().rev().find(|(known, _)| known == name);
                variable.expect("a counter is declared before it is set").1 = value;
            }
            Stmt::For { var, from, to, step, body, .. } if matters(body, &self.counters) => {
                let known = self.variables.len();
                for value in (*from..*to).step_by(*step) {
                    self.variables.push((var, value));
                    self.block(body);
                    self.variables.truncate(known);
                }
            }
            Stmt::If { condition, body } if matters(body, &self.counters) && self.holds(condition) => {
                self.block(body);
            }
            _ => {}
        }
    }

    fn turn(&mut self, stream: &str, writes: bool) {
        let param =
            self.params.iter().position(|param| param.name == stream).expect("a parameter of the process");
        if let Some(queue) = self.queues[param] {
            self.turns.push(Turn { queue, writes });
        }
    }

    fn index(&self, index: &Index) -> usize {
        match index {
            Index::At(n) => *n,
            Index::Var(name) => {
                let variable = self.variables.iter().rev().find(|(known, _)| known == name);
                variable.expect("a loop variable or a counter").1
            }
            Index::Sum(a, b) => self.index(a) + self.index(b),
            Index::Times(factor, x) => factor * self.index(x),
            Index::Quotient(x, n) => self.index(x) / n,
            Index::Rest(n, x) => n - self.index(x),
            Index::Select(condition, a, b) => self.index(if self.holds(condition) { a } else { b }),
            Index::Whole(_) | Index::TopBits(..) => unreachable!("no stream depends on numbers"),
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Same(a, b) => self.index(a) == self.index(b),
            Condition::Below(a, b) => self.index(a) < self.index(b),
            Condition::And(a, b) => self.holds(a) && self.holds(b),
            Condition::Or(a, b) => self.holds(a) || self.holds(b),
            Condition::Compare(..) => unreachable!("no stream depends on numbers"),
        }
    }
}

/// Whether words are read or written among the statements, or one of these counters is set.
fn matters(body: &[Stmt], counters: &BTreeSet<&str>) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::ReadWord { .. } | Stmt::WriteWord { .. } => true,
        Stmt::Count { name, .. } => counters.contains(name.as_str()),
        Stmt::For { body, .. } | Stmt::If { body, .. } => matters(body, counters),
        _ => false,
    })
}

/// The counters on which it depends, directly or through others, what is read and written.
fn deciding(body: &[Stmt]) -> BTreeSet<&str> {
    let mut counters = BTreeSet::new();
    loop {
        let known = counters.len();
        collect(body, &mut counters);
        if counters.len() == known {
            return counters;
        }
    }
}

fn collect<'a>(body: &'a [Stmt], counters: &mut BTreeSet<&'a str>) {
    for stmt in body {
        match stmt {
            Stmt::Count { name, value } if counters.contains(name.as_str()) => in_index(value, counters),
            Stmt::For { body, .. } => collect(body, counters),
            Stmt::If { condition, body } => {
                if matters(body, counters) {
                    in_condition(condition, counters);
                }
                collect(body, counters);
            }
            _ => {}
        }
    }
}

fn in_condition<'a>(condition: &'a Condition, names: &mut BTreeSet<&'a str>) {
    match condition {
        Condition::Same(a, b) | Condition::Below(a, b) => {
            in_index(a, names);
            in_index(b, names);
        }
        Condition::And(a, b) | Condition::Or(a, b) => {
            in_condition(a, names);
            in_condition(b, names);
        }
        Condition::Compare(..) => {}
    }
}

fn in_index<'a>(index: &'a Index, names: &mut BTreeSet<&'a str>) {
    match index {
        Index::Var(name) => {
            names.insert(name);
        }
        Index::Sum(a, b) => {
            in_index(a, names);
            in_index(b, names);
        }
        Index::Times(_, x) | Index::Quotient(x, _) | Index::Rest(_, x) => in_index(x, names),
        Index::Select(condition, a, b) => {
            in_condition(condition, names);
            in_index(a, names);
            in_index(b, names);
        }
        Index::At(_) | Index::Whole(_) | Index::TopBits(..) => {}
    }
}

#[cfg(test)]
mod tests;
