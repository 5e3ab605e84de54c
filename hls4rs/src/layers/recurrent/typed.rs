//! The functions that expansions call.

use hls4rs_fixed::sequence::Sequence;
use hls4rs_fixed::{Cast, Number};

use super::{Cell, Curve, RecurrentFormats, RecurrentKernel, Stored, Work};
use crate::layers::int::{Int, most};
use crate::layers::{Accum, Constants, number, raw, with_container};

/// What a recurrent layer stores: `weight` row major `[n_in, gates · units]`, `recurrent_weight` row major
/// `[units, gates · units]`, and a constant for each column.
#[derive(Clone, Copy, Debug)]
pub struct Recurrence<'a, W, U, B, D, const NW: usize, const NU: usize, const NG: usize> {
    /// Weights of the input.
    pub weight: &'a Constants<W, NW>,
    /// Weights of the state.
    pub recurrent_weight: &'a Constants<U, NU>,
    /// Constants of the product with the input.
    pub bias: &'a Constants<B, NG>,
    /// Constants of the product with the state.
    pub recurrent_bias: &'a Constants<D, NG>,
}

/// A state of zeros.
pub fn zeros<R: Number, const H: usize>() -> [R; H] {
    [R::from_i64(0); H]
}

macro_rules! layers {
    ($(
        $(#[$doc:meta])*
        $name:ident($($state:ident: $S:ident),+; $($options:ident: $O:ty),*) = $cell:expr;
    )+) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $name<
            X, $($S,)+ W, U, B, D, A, R,
            const N: usize, const H: usize, const M: usize,
            const NW: usize, const NU: usize, const NG: usize,
        >(
            x: &[X; N],
            ($($state,)+): ($(&[$S; H],)+),
            stored: &Recurrence<'_, W, U, B, D, NW, NU, NG>,
            functions: (impl Curve, impl Curve),
            _: Accum<A>,
            strides: [usize; 2],
            ($($options,)* sequence,): ($($O,)* Sequence,),
        ) -> [R; M]
        where
            X: Number,
            $($S: Number,)+
            W: Number,
            U: Number,
            B: Number,
            D: Number,
            A: Number,
            R: Number,
        {
            let formats = RecurrentFormats {
                x: X::FORMAT,
                weight: W::FORMAT,
                recurrent_weight: U::FORMAT,
                bias: B::FORMAT,
                recurrent_bias: D::FORMAT,
                accum: A::FORMAT,
                result: R::FORMAT,
                gate: A::FORMAT,
                candidate: A::FORMAT,
                state: R::FORMAT,
            };
            let cell = $cell;
            let (gates, activation) = functions;
            let candidate = if matches!(cell, Cell::Simple) { R::FORMAT } else { A::FORMAT };
            let curves = (
                gates.kernel(A::FORMAT, A::FORMAT),
                activation.kernel(A::FORMAT, candidate),
                activation.kernel(R::FORMAT, A::FORMAT),
            );
            let kernel = RecurrentKernel::new((cell, H), strides, &formats, curves, None);
            let casts = [$(Cast::new($S::FORMAT, R::FORMAT)),+];
            let bits = casts.iter().fold(kernel.container_bits(), |bits, cast| most(bits, cast.container_bits()));
            with_container!(bits, C => {
                let mut first = casts.iter();
                $(let $state = start::<C, $S, H>(first.next(), $state);)+
                run::<C, X, W, U, B, D, R, _, _, N, H, M, NW, NU, NG>(
                    &kernel, x, [$($state),+], stored, sequence,
                )
            })
        }
    )+ };
}

layers! {
    /// Simple recurrent layer: `h = φ(x · W + b + h · U + d)`.
    ///
    /// `functions` are that of the gates, which are none here, and `φ`; `strides` those of the order of addition, 1 for
    /// rising indices.
    simple_rnn(h: P;) = Cell::Simple;
    /// Long short-term memory, gates `i, f, c, o`: `c = φ(g_c) · σ(g_i) + c · σ(g_f)`, `h = σ(g_o) · φ(c)`.
    ///
    /// `functions` are `σ` and `φ`; `strides` those of the order of addition, 1 for rising indices.
    lstm(h: P, c: Q;) = Cell::Lstm;
    /// Gated recurrent unit: `h = φ(u_h + r · v_h) · (1 - z) + h · z`, or, if not `reset_after`,
    /// `φ(u_h + (r · h) · U_h + d_h)` as the candidate.
    ///
    /// `functions` are those of the gates and of the candidate; `order` has the positions of the update and of the reset
    /// gate.
    gru(h: P; reset_after: bool, order: (usize, usize)) = Cell::Gru { reset_after, update: order.0, reset: order.1 };
}

/// A state before the first step.
#[inline(always)]
fn start<C: Int, S: Number, const H: usize>(cast: Option<&Cast>, state: &[S; H]) -> [[C; 1]; H] {
    let Some(cast) = cast else { return [[C::default()]; H] };
    state.map(|value| [raw::<C, S>(value).cast(cast)])
}

#[inline(always)]
fn run<
    C,
    X,
    W,
    U,
    B,
    D,
    R,
    G,
    V,
    const N: usize,
    const H: usize,
    const M: usize,
    const NW: usize,
    const NU: usize,
    const NG: usize,
>(
    kernel: &RecurrentKernel<G, V>,
    x: &[X; N],
    states: impl IntoIterator<Item = [[C; 1]; H]>,
    stored: &Recurrence<'_, W, U, B, D, NW, NU, NG>,
    sequence: Sequence,
) -> [R; M]
where
    C: Int,
    X: Number,
    W: Number,
    U: Number,
    B: Number,
    D: Number,
    R: Number,
    G: crate::layers::Values,
    V: crate::layers::Values,
{
    let Recurrence { weight, recurrent_weight, bias, recurrent_bias } = *stored;
    let stored = Stored { weight, recurrent_weight, bias, recurrent_bias };
    let x = x.map(|x| [raw::<C, X>(x)]);
    let mut states = states.into_iter();
    let mut h = states.next().unwrap_or([[C::default()]; H]);
    let mut c = states.next().unwrap_or([[C::default()]; H]);
    let (mut u, mut v) = ([[C::default()]; NG], [[C::default()]; NG]);
    let mut work = Work { u: &mut u, v: &mut v, h: &mut h, c: &mut c };
    let mut y = [R::from_i64(0); M];
    kernel.run::<C, 1, 4, 1>(&x, &stored, sequence, &mut work, |at, [value]| y[at] = number(*value));
    y
}
