//! Layers of one's own: `path(arguments) { fields, settings } -> [shape] as format`.

use hls4rs_ir::Slot;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Path, Result, Token, braced, parenthesized, token};

use super::{args, as_format};
use crate::ast::{Call, FormatSpec, List, Own, Setting};

/// Whether the type of a layer stands here: a path, or a name with a capital letter before parentheses.
pub(super) fn begins(input: ParseStream<'_>) -> bool {
    if input.peek(Token![::]) || input.peek2(Token![::]) {
        return true;
    }
    let name = input.fork().parse::<Ident>();
    let capital = |name: Ident| name.to_string().starts_with(char::is_uppercase);
    (input.peek2(token::Paren) || input.peek2(Token![<])) && name.is_ok_and(capital)
}

pub(super) fn parse(input: ParseStream<'_>) -> Result<Call> {
    let path: Path = input.parse()?;
    let keyword = path.segments.last().map(|last| last.ident.clone());
    let keyword = keyword.ok_or_else(|| input.error("expected the type of a layer"))?;
    let content;
    parenthesized!(content in input);
    let args = content.call(args)?;
    let (mut shape, mut format) = (None, None);
    result(input, &mut shape, &mut format)?;
    let (mut fields, mut settings) = (Vec::new(), Vec::new());
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        while !content.is_empty() {
            if content.fork().parse::<Ident>().is_ok_and(|name| is_setting(&name)) {
                settings.push(Setting::parse(&content)?);
            } else {
                fields.push(field(&content)?);
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
    }
    result(input, &mut shape, &mut format)?;
    Ok(Call { keyword, args, settings, format, own: Some(Box::new(Own { path, fields, shape })) })
}

/// A place that has a format or values, not a field of the type.
fn is_setting(name: &Ident) -> bool {
    Slot::from_name(&name.to_string()).is_some()
}

/// `-> [shape] as format`, as much of it as stands here.
fn result(input: ParseStream<'_>, shape: &mut Option<List>, format: &mut Option<FormatSpec>) -> Result<()> {
    if shape.is_none() && input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        *shape = Some(input.parse()?);
    }
    if format.is_none() {
        *format = as_format(input)?;
    }
    Ok(())
}

/// `name: expression`, up to the next comma.
fn field(input: ParseStream<'_>) -> Result<(Ident, TokenStream)> {
    let name: Ident = input.parse()?;
    input.parse::<Token![:]>()?;
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<TokenTree>()?]);
    }
    if value.is_empty() {
        return Err(input.error("expected a value"));
    }
    Ok((name, value))
}
