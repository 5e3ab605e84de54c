//! From an equation such as `ij,jk->ik` to the axes of a product.

use hls4rs_fixed::contraction::{Axis, Contraction};

use crate::Shape;
use crate::ops::Unfit;

/// The axes of a tensor product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    /// Those of the result.
    pub outer: Vec<Axis>,
    /// Those that are summed.
    pub inner: Vec<Axis>,
}

impl Axes {
    /// The geometry.
    pub fn contraction(&self) -> Contraction<'_> {
        Contraction { outer: &self.outer, inner: &self.inner }
    }

    /// The shape of the result.
    pub(super) fn shape(&self) -> Option<Shape> {
        let extents: Vec<usize> = self.outer.iter().map(|axis| axis.extent).collect();
        Shape::new(if extents.is_empty() { &[1] } else { &extents }).ok()
    }
}

/// The letters of two operands and of their product.
#[derive(Clone, Debug)]
pub(in crate::ops) struct Equation {
    pub(in crate::ops) a: Vec<char>,
    pub(in crate::ops) b: Vec<char>,
    pub(in crate::ops) y: Vec<char>,
    text: String,
}

impl Equation {
    /// Reads an equation of two operands.
    pub(in crate::ops) fn parse(text: &str) -> Result<Self, Unfit> {
        let wrong = |expected: &str| Unfit::Attr {
            name: "equation",
            expected: expected.to_owned(),
            found: format!("{text:?}"),
        };
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let parts = plain.split_once("->").and_then(|(x, y)| Some((x.split_once(',')?, y)));
        let Some(((a, b), y)) = parts else {
            return Err(wrong("two operands and their result, such as \"ij,jk->ik\""));
        };
        let letters = |part: &str| part.chars().collect::<Vec<_>>();
        let (a, b, y) = (letters(a), letters(b), letters(y));
        if [&a, &b, &y].into_iter().flatten().any(|c| !c.is_ascii_alphabetic()) {
            return Err(wrong("a letter for each axis"));
        }
        let twice = |part: &[char]| (1..part.len()).any(|n| part[..n].contains(&part[n]));
        if twice(&a) || twice(&b) || twice(&y) {
            return Err(wrong("each letter once in an operand and in the result"));
        }
        if a.is_empty() || b.is_empty() || y.iter().any(|c| !a.contains(c) && !b.contains(c)) {
            return Err(wrong("operands with axes, and all letters of the result in one of them"));
        }
        let lost = |own: &[char], other: &[char]| own.iter().any(|c| !other.contains(c) && !y.contains(c));
        if lost(&a, &b) || lost(&b, &a) {
            return Err(wrong("each letter of one operand in the other or in the result"));
        }
        Ok(Self { a, b, y, text: plain })
    }

    /// Checks that an operand has the axes that the equation names.
    pub(in crate::ops) fn check_rank(&self, n: usize, letters: &[char], shape: &Shape) -> Result<(), Unfit> {
        if shape.rank() == letters.len() {
            return Ok(());
        }
        let word: String = letters.iter().collect();
        let axes = if letters.len() == 1 { "1 axis" } else { &format!("{} axes", letters.len()) };
        let expected = format!("{axes}, `{word}` of \"{}\"", self.text);
        Err(Unfit::Input { n, expected, help: None })
    }

    /// The axes for operands with these extents.
    pub(in crate::ops) fn axes(&self, a: &Shape, b: &Shape) -> Axes {
        let axis = |&letter: &char| {
            let of = |letters: &[char], shape: &Shape| {
                let at = letters.iter().position(|c| *c == letter)?;
                Some((shape[at], shape[at + 1..].iter().product::<usize>()))
            };
            let (in_a, in_b) = (of(&self.a, a), of(&self.b, b));
            let extent = in_a.or(in_b).expect("a letter of an operand").0;
            Axis { extent, a: in_a.map_or(0, |(_, step)| step), b: in_b.map_or(0, |(_, step)| step) }
        };
        Axes {
            outer: self.y.iter().map(axis).collect(),
            inner: self.a.iter().filter(|c| !self.y.contains(c)).map(axis).collect(),
        }
    }
}
