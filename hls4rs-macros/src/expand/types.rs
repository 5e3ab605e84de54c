//! Formats as Rust types.

use hls4rs_fixed::{Format, Overflow, Rounding};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

/// The type of numbers in a format, as short as its defaults allow.
pub(super) fn number(format: Format) -> TokenStream {
    let width = Literal::u32_unsuffixed(format.width);
    if format.is_integer() {
        return if format.signed { quote!(fixed::Int<#width>) } else { quote!(fixed::Uint<#width>) };
    }
    let int_bits = Literal::i32_unsuffixed(format.int_bits);
    let base = if format.signed { quote!(fixed::Fixed) } else { quote!(fixed::UFixed) };
    let rounding = Ident::new(format.rounding.type_name(), Span::call_site());
    match (format.rounding, format.overflow) {
        (Rounding::Trn, Overflow::Wrap(0)) => quote!(#base<#width, #int_bits>),
        (_, Overflow::Wrap(0)) => quote!(#base<#width, #int_bits, fixed::#rounding>),
        (_, overflow) => {
            let overflow = mode(overflow);
            quote!(#base<#width, #int_bits, fixed::#rounding, #overflow>)
        }
    }
}

fn mode(overflow: Overflow) -> TokenStream {
    let bits = |n| Literal::u32_unsuffixed(n);
    match overflow {
        Overflow::Wrap(0) => quote!(fixed::Wrap),
        Overflow::Wrap(n) => {
            let n = bits(n);
            quote!(fixed::WrapN<#n>)
        }
        Overflow::WrapSm(n) => {
            let n = bits(n);
            quote!(fixed::WrapSm<#n>)
        }
        Overflow::Sat => quote!(fixed::Sat),
        Overflow::SatZero => quote!(fixed::SatZero),
        Overflow::SatSym => quote!(fixed::SatSym),
    }
}

/// The type of a row-major array of numbers.
pub(super) fn array(format: Format, elements: usize) -> TokenStream {
    let (number, elements) = (number(format), Literal::usize_unsuffixed(elements));
    quote!([#number; #elements])
}

/// The bytes of the integer that holds a number of this width.
pub(super) fn storage_bytes(width: u32) -> usize {
    match width {
        0..=8 => 1,
        9..=16 => 2,
        17..=32 => 4,
        33..=64 => 8,
        _ => 16,
    }
}
