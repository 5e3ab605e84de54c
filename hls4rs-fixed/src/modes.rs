//! Rounding and overflow modes as types, the last two parameters of [`Fixed`](crate::Fixed).

use crate::sealed::Sealed;
use crate::{Overflow, Rounding};

/// A rounding mode as a type: [`Trn`], [`TrnZero`], [`Rnd`], [`RndZero`], [`RndInf`], [`RndMinInf`],
/// [`RndConv`] or [`RndConvOdd`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rounding mode",
    label = "expected `Trn`, `TrnZero`, `Rnd`, `RndZero`, `RndInf`, `RndMinInf`, `RndConv` or `RndConvOdd`",
    note = "the rounding mode comes before the overflow mode: `Fixed<16, 6, Rnd, Sat>`"
)]
pub trait RoundingMode: Sealed + 'static {
    /// The mode as a value.
    const ROUNDING: Rounding;
}

/// An overflow mode as a type: [`Wrap`], [`WrapN`], [`WrapSm`], [`Sat`], [`SatZero`] or [`SatSym`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an overflow mode",
    label = "expected `Wrap`, `WrapN<N>`, `WrapSm<N>`, `Sat`, `SatZero` or `SatSym`",
    note = "the overflow mode comes after the rounding mode: `Fixed<16, 6, Rnd, Sat>`"
)]
pub trait OverflowMode: Sealed + 'static {
    /// The mode as a value.
    const OVERFLOW: Overflow;
}

macro_rules! modes {
    ($Trait:ident::$CONST:ident: $Enum:ident;
        $($Name:ident $([$($parameter:tt)*] [$($argument:tt)*])? = $mode:expr;)*) => {$(
        #[doc = concat!("The mode [`", stringify!($Enum), "::", modes!(@name $Name), "`] as a type.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name $(<$($parameter)*>)?;

        impl $(<$($parameter)*>)? Sealed for $Name $(<$($argument)*>)? {}

        impl $(<$($parameter)*>)? $Trait for $Name $(<$($argument)*>)? {
            const $CONST: $Enum = $mode;
        }
    )*};
    (@name WrapN) => { "Wrap" };
    (@name $Name:ident) => { stringify!($Name) };
}

modes! {
    RoundingMode::ROUNDING: Rounding;
    Trn = Rounding::Trn;
    TrnZero = Rounding::TrnZero;
    Rnd = Rounding::Rnd;
    RndZero = Rounding::RndZero;
    RndInf = Rounding::RndInf;
    RndMinInf = Rounding::RndMinInf;
    RndConv = Rounding::RndConv;
    RndConvOdd = Rounding::RndConvOdd;
}

modes! {
    OverflowMode::OVERFLOW: Overflow;
    Wrap = Overflow::Wrap(0);
    WrapN [const N: u32] [N] = Overflow::Wrap(N);
    WrapSm [const N: u32] [N] = Overflow::WrapSm(N);
    Sat = Overflow::Sat;
    SatZero = Overflow::SatZero;
    SatSym = Overflow::SatSym;
}
