//! Expressions: exact fixed-point numbers, conditions, and whole numbers that index arrays.

use hls4rs_fixed::{Format, Overflow, Rounding, TableIndex, Wide};

use super::convert::storage;
use super::types::Type;

/// A number with its exact format.
///
/// Operators are exact: the format of a sum or a product holds every result. Only a cast rounds or wraps.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) node: Node,
    /// The format that holds it.
    pub format: Format,
}

/// What an [`Expr`] is made of.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// A variable, or an element of an array.
    Read { name: String, at: Vec<Index> },
    /// A constant.
    Constant(Wide),
    /// An exact sum, difference or product.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// A conversion with the rounding and overflow of the type.
    Cast(Type, Box<Expr>),
    /// One of two, both converted to the type.
    Select(Type, Box<Condition>, Box<Expr>, Box<Expr>),
    /// A call of a helper.
    Call(String, Vec<Expr>),
}

/// Exact operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Sub,
    Mul,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A comparison of numbers of the same sign.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Equality of indices.
    Same(Index, Index),
    /// One index is below another.
    Below(Index, Index),
    /// Either.
    Or(Box<Condition>, Box<Condition>),
    /// Both.
    And(Box<Condition>, Box<Condition>),
}

/// Relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

/// A whole number for indices and counters.
#[derive(Clone, Debug)]
pub enum Index {
    /// A literal.
    At(usize),
    /// A loop variable or a counter.
    Var(String),
    /// A sum.
    Sum(Box<Index>, Box<Index>),
    /// A multiple.
    Times(usize, Box<Index>),
    /// A part, rounded down.
    Quotient(Box<Index>, usize),
    /// What is left of a number: `n - x`, where `x` is at most `n`.
    Rest(usize, Box<Index>),
    /// The value of a number without fraction bits.
    Whole(Box<Expr>),
    /// The uppermost bits of a number's pattern, read as an unsigned number.
    TopBits(u32, Box<Expr>),
    /// One of two.
    Select(Box<Condition>, Box<Index>, Box<Index>),
}

impl Expr {
    /// A variable.
    pub fn var(name: &str, format: Format) -> Self {
        Self { node: Node::Read { name: name.to_owned(), at: Vec::new() }, format }
    }

    /// An element of an array.
    pub fn element(name: &str, format: Format, at: impl IntoIterator<Item = Index>) -> Self {
        let at = at.into_iter().collect();
        Self { node: Node::Read { name: name.to_owned(), at }, format }
    }

    /// A constant in units of `format`.
    pub fn constant(raw: Wide, format: Format) -> Self {
        Self { node: Node::Constant(raw), format }
    }

    /// A constant in its narrowest format.
    pub fn tight(raw: Wide, frac_bits: i32) -> Self {
        let (mut raw, mut frac_bits) = (raw, frac_bits);
        while raw != Wide::ZERO && !raw.bit(0) {
            (raw, frac_bits) = (raw.shr(1), frac_bits - 1);
        }
        // Powers of two above one stay whole numbers.
        if frac_bits < 0 {
            (raw, frac_bits) = (raw.shl(frac_bits.unsigned_abs()), 0);
        }
        Self::constant(raw, Format::holding(raw, raw, frac_bits))
    }

    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self::tight(Wide::from_i64(value), 0)
    }

    fn binary(operator: Operator, a: Self, b: Self, format: Format) -> Self {
        Self { node: Node::Binary(operator, Box::new(a), Box::new(b)), format }
    }

    /// The exact sum.
    pub fn plus(self, other: Self) -> Self {
        let format = self.format.sum(other.format);
        Self::binary(Operator::Add, self, other, format)
    }

    /// The exact difference.
    pub fn minus(self, other: Self) -> Self {
        let format = self.format.difference(other.format);
        Self::binary(Operator::Sub, self, other, format)
    }

    /// The exact product.
    pub fn times(self, other: Self) -> Self {
        let format = self.format.product(other.format);
        Self::binary(Operator::Mul, self, other, format)
    }

    /// Converted to `ty`.
    pub fn cast(self, ty: impl Into<Type>) -> Self {
        let ty = ty.into();
        let format = ty.format;
        Self { node: Node::Cast(ty, Box::new(self)), format }
    }

    /// `then` where the condition holds, else `other`; both converted to `ty`.
    pub fn select(ty: impl Into<Type>, condition: Condition, then: Self, other: Self) -> Self {
        let ty = ty.into();
        let format = ty.format;
        Self { node: Node::Select(ty, Box::new(condition), Box::new(then), Box::new(other)), format }
    }

    /// The exact comparison.
    ///
    /// `ap_fixed` compares operands of 32 and more bits wrongly where only one of them is signed; an unsigned one
    /// therefore gets a sign bit first. A constant is written with the sign of the other side.
    ///
    /// It also compares in the finer unit with the modes of the other side, which may move its least value.
    pub fn compare(self, relation: Comparison, other: Self) -> Condition {
        let (this, other) = (self.without_symmetry(), other.without_symmetry());
        this.compare_plain(relation, other)
    }

    /// The same value under plain modes, where `SAT_SYM` might move the least value of the format.
    fn without_symmetry(self) -> Self {
        let format = self.format;
        match self.node {
            _ if !format.signed || format.overflow != Overflow::SatSym => self,
            Node::Constant(raw) => Self::constant(raw, storage(format)),
            // A number of one bit alone can have the least value at all.
            _ if format.width == 1 => self.cast(storage(format)),
            _ => self,
        }
    }

    fn compare_plain(self, relation: Comparison, other: Self) -> Condition {
        let (a, b) = match (self.format.signed, other.format.signed) {
            (true, false) => (self, other.with_sign()),
            (false, true) => (self.with_sign(), other),
            _ => (self, other),
        };
        Condition::Compare(relation, Box::new(a), Box::new(b))
    }

    fn with_sign(self) -> Self {
        let (width, int_bits) = (self.format.width + 1, self.format.int_bits + 1);
        let format = Format::fixed(width, int_bits);
        match self.node {
            Node::Constant(raw) => Self::constant(raw, format),
            _ => self.cast(format),
        }
    }
}

impl Condition {
    /// Either of two.
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// Index `a` is at least `n`.
    pub fn at_least(a: Index, n: usize) -> Option<Self> {
        n.checked_sub(1).map(|below| Self::Below(Index::At(below), a))
    }

    /// All of several; `None` if there is none.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Option<Self> {
        conditions.into_iter().reduce(Self::and)
    }

    /// Both of two.
    pub fn and(self, other: Self) -> Self {
        Self::And(Box::new(self), Box::new(other))
    }
}

impl Comparison {
    /// The operator in C++.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
        }
    }
}

impl Operator {
    /// The operator in C++.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
        }
    }
}

impl Index {
    /// A loop variable.
    pub fn var(name: &str) -> Self {
        Self::Var(name.to_owned())
    }

    /// A sum; zero is left out.
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(0), x) | (x, Self::At(0)) => x,
            (Self::At(a), Self::At(b)) => Self::At(a + b),
            (a, b) => Self::Sum(Box::new(a), Box::new(b)),
        }
    }

    /// A multiple; one is left out.
    pub fn times(self, factor: usize) -> Self {
        match (self, factor) {
            (_, 0) => Self::At(0),
            (x, 1) => x,
            (Self::At(a), factor) => Self::At(a * factor),
            (x, factor) => Self::Times(factor, Box::new(x)),
        }
    }

    /// A number without fraction bits, kept within `0..=last`.
    pub(crate) fn clamped(number: &Expr, last: usize) -> Self {
        debug_assert!(number.format.frac_bits() <= 0, "an index has no fraction bits");
        let unit = number.format.frac_bits().unsigned_abs();
        let (lo, hi) = (number.format.min_raw(), number.format.max_raw() << unit);
        let limit = i64::try_from(last).expect("tables are small");
        let mut index = Self::Whole(Box::new(number.clone()));
        if hi > Wide::from_i64(limit) {
            let above = number.clone().compare(Comparison::Greater, Expr::whole(limit));
            index = Self::Select(Box::new(above), Box::new(Self::At(last)), Box::new(index));
        }
        if lo.is_negative() {
            let below = number.clone().compare(Comparison::Less, Expr::whole(0));
            index = Self::Select(Box::new(below), Box::new(Self::At(0)), Box::new(index));
        }
        index
    }
}

/// The format of multiples of `2^coarse` that truncates toward zero and holds every such value of `format`.
pub(crate) fn whole_format(format: Format, coarse: u32) -> Format {
    let sign = u32::from(format.signed);
    let width = (format.int_bits - coarse as i32).max(1 + sign as i32).unsigned_abs();
    let plain = Format { signed: format.signed, ..Format::fixed(width, width as i32 + coarse as i32) };
    plain.with_rounding(Rounding::TrnZero).with_overflow(Overflow::Wrap(0))
}

/// Where `x` falls in a table, before the limits of the table are applied.
///
/// The number of steps, truncated toward zero in units of `x` and to a whole number, and the index of zero. The same
/// as [`TableIndex::wide`] for a table whose entry is `2^span / size` wide.
pub(crate) fn table_position(x: Expr, index: TableIndex, span: i32) -> Expr {
    let zeros = (index.size() as u64).trailing_zeros() as i32;
    let multiplier = if index.negate() { -index.multiplier() } else { index.multiplier() };
    // Steps for a unit of one: size / 2^span.
    let steps = x.clone().times(Expr::tight(Wide::from_i64(multiplier), span - zeros));
    let format = whole_format(steps.format, x.format.frac_bits().min(0).unsigned_abs());
    let whole = steps.cast(format);
    match index.offset() {
        0 => whole,
        offset => whole.plus(Expr::whole(offset)),
    }
}
