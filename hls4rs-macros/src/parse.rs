//! From tokens to the tree of [`ast`](crate::ast).
//!
//! Statements are parsed one by one, so that a mistake in one of them does not hide those in the others.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    Attribute, Error, Ident, Lit, LitBool, LitStr, Result, Token, braced, bracketed, parenthesized, token,
};

use crate::ast::{
    Arg, Call, Expr, FormatArg, FormatSpec, Header, InputDecl, List, Network, Number, Options, RangeSpec,
    Setting, Spot, Statement, Value,
};
use crate::report::Report;

mod own;

mod keyword {
    syn::custom_keyword!(input);
    syn::custom_keyword!(output);
}

/// The options of a network, in the order in which they are documented.
pub(crate) const OPTIONS: [&str; 6] = ["weights", "default", "io", "strategy", "reuse_factor", "crate"];

/// Parses a network; mistakes go to the report. `None` if not even the struct's name is there.
pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Option<Network> {
    let parser = |input: ParseStream<'_>| {
        let header = header(input, report)?;
        Ok((header, input.parse::<TokenStream>()?))
    };
    let (header, body) = match parser.parse2(tokens) {
        Ok(parsed) => parsed,
        Err(error) => {
            report.syntax(error);
            return None;
        }
    };
    let mut statements = Vec::new();
    let mut current = Vec::new();
    for token in body {
        let ends = matches!(&token, TokenTree::Punct(p) if p.as_char() == ';');
        current.push(token);
        if ends {
            match statement.parse2(current.drain(..).collect()) {
                Ok(statement) => statements.push(statement),
                Err(error) => report.syntax(error),
            }
        }
    }
    if let Some(last) = current.last() {
        report.syntax(Error::new(last.span(), "expected `;` after this"));
    }
    Some(Network { header, statements })
}

fn header(input: ParseStream<'_>, report: &mut Report) -> Result<Header> {
    let attrs = Attribute::parse_outer(input)?;
    let vis = input.parse()?;
    input.parse::<Token![struct]>()?;
    let name = input.parse()?;
    let mut options = Options::default();
    if input.peek(Token![;]) {
        input.parse::<Token![;]>()?;
    } else {
        let content;
        braced!(content in input);
        while !content.is_empty() {
            if let Err(error) = option(&content, &mut options) {
                report.syntax(error);
                // What is left would be reported a second time.
                content.parse::<TokenStream>()?;
            }
        }
    }
    Ok(Header { attrs, vis, name, options })
}

/// One `name: value,` of the header.
fn option(input: ParseStream<'_>, options: &mut Options) -> Result<()> {
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![:]>()?;
    fn once<T>(name: &Ident, slot: &mut Option<T>, value: T) -> Result<()> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(Error::new(name.span(), format!("option `{name}` is given twice"))),
        }
    }
    match name.to_string().as_str() {
        "weights" => once(&name, &mut options.weights, input.parse()?)?,
        "default" => once(&name, &mut options.default, input.parse()?)?,
        "io" => once(&name, &mut options.io, input.parse()?)?,
        "strategy" => once(&name, &mut options.strategy, input.parse()?)?,
        "reuse_factor" => once(&name, &mut options.reuse_factor, input.parse()?)?,
        "crate" => once(&name, &mut options.krate, input.call(syn::Path::parse_mod_style)?)?,
        unknown => {
            return Err(crate::report::unknown(name.span().into(), "option", unknown, &OPTIONS));
        }
    }
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

fn statement(input: ParseStream<'_>) -> Result<Statement> {
    let lookahead = input.lookahead1();
    let statement = if lookahead.peek(keyword::input) {
        input.parse::<keyword::input>()?;
        Statement::Input(input.parse()?)
    } else if lookahead.peek(Token![let]) {
        input.parse::<Token![let]>()?;
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Statement::Let { name, value: input.parse()? }
    } else if lookahead.peek(keyword::output) {
        input.parse::<keyword::output>()?;
        let name = input.parse()?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Statement::Output { name, value }
    } else {
        return Err(lookahead.error());
    };
    input.parse::<Token![;]>()?;
    Ok(statement)
}

impl Parse for InputDecl {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let shape = input.parse()?;
        let format = as_format(input)?;
        let range = if input.peek(Token![in]) {
            input.parse::<Token![in]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { name, shape, format, range })
    }
}

impl Parse for RangeSpec {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let lo = input.parse()?;
        let inclusive = input.peek(Token![..=]);
        if inclusive {
            input.parse::<Token![..=]>()?;
        } else {
            input.parse::<Token![..]>()?;
        }
        Ok(Self { lo, hi: input.parse()?, inclusive })
    }
}

impl Parse for Expr {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if own::begins(input) {
            return own::parse(input).map(Self::Call);
        }
        let name: Ident = input.parse()?;
        if !input.peek(token::Paren) {
            return Ok(Self::Name { name, format: as_format(input)? });
        }
        let content;
        parenthesized!(content in input);
        let args = content.call(args)?;
        let mut format = as_format(input)?;
        let settings = if input.peek(token::Brace) {
            let content;
            braced!(content in input);
            content.parse_terminated(Setting::parse, Token![,])?.into_iter().collect()
        } else {
            Vec::new()
        };
        if format.is_none() {
            format = as_format(input)?;
        }
        if input.peek(Token![->]) {
            let message = format!("the shape of the result of `{name}` follows from its inputs");
            return Err(crate::report::error(input.span().into(), &message, &[], Some("delete `-> …`")));
        }
        Ok(Self::Call(Call { keyword: name, args, settings, format, own: None }))
    }
}

fn args(input: ParseStream<'_>) -> Result<Vec<Arg>> {
    let mut args = Vec::new();
    while !input.is_empty() {
        if input.peek(Ident) && (input.peek2(Token![=]) || input.peek2(Token![:])) {
            let name: Ident = input.parse()?;
            let message = "an attribute with its name belongs into braces after the arguments";
            return Err(crate::report::error(
                name.span().into(),
                message,
                &[],
                Some(&format!("write `{{ {name}: … }}`")),
            ));
        }
        args.push(if input.peek(Ident) { Arg::Expr(input.parse()?) } else { Arg::Value(input.parse()?) });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(args)
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = input.parse()?;
        input.parse::<Token![:]>()?;
        if is_format(input) {
            return Ok(Self { key, value: None, format: Some(input.parse()?) });
        }
        Ok(Self { key, value: Some(input.parse()?), format: as_format(input)? })
    }
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(token::Bracket) {
            input.parse().map(Self::List)
        } else if input.peek(Ident) {
            input.parse().map(Self::Word)
        } else if input.peek(LitStr) {
            input.parse().map(Self::Text)
        } else if input.peek(LitBool) {
            let flag: LitBool = input.parse()?;
            Ok(Self::Word(Ident::new(if flag.value { "true" } else { "false" }, flag.span)))
        } else {
            input.parse().map(Self::Number)
        }
    }
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(token::Bracket) {
            return Err(input.error("expected a list in brackets, such as `[4, 8]`"));
        }
        let content;
        let brackets = bracketed!(content in input);
        let (mut items, mut repeat) = (Vec::new(), None);
        while !content.is_empty() {
            items.push(content.parse()?);
            if content.peek(Token![;]) && items.len() == 1 {
                content.parse::<Token![;]>()?;
                repeat = Some(content.parse()?);
                break;
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        let spot = Spot { start: brackets.span.open(), end: brackets.span.close() };
        Ok(Self { items, repeat, spot })
    }
}

impl Parse for Number {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let minus: Option<Token![-]> = input.parse()?;
        if !input.peek(Lit) {
            return Err(input.error("expected a number"));
        }
        let lit: Lit = input.parse()?;
        let end = lit.span();
        let (digits, suffix) = match &lit {
            Lit::Int(lit) => (lit.base10_digits().to_owned(), lit.suffix().to_owned()),
            Lit::Float(lit) => (lit.base10_digits().to_owned(), lit.suffix().to_owned()),
            _ => return Err(Error::new(end, "expected a number")),
        };
        if !matches!(suffix.as_str(), "" | "f32" | "f64") {
            return Err(Error::new(end, format!("a number has no suffix `{suffix}` here")));
        }
        let value: f64 = digits.parse().map_err(|_| Error::new(end, "expected a number"))?;
        Ok(match minus {
            Some(minus) => Self { value: -value, spot: Spot { start: minus.span, end } },
            None => Self { value, spot: end.into() },
        })
    }
}

/// The names that begin a format.
pub(crate) const FORMATS: [&str; 5] = ["Fixed", "UFixed", "Int", "Uint", "auto"];

/// Whether a format stands here, rather than a value.
fn is_format(input: ParseStream<'_>) -> bool {
    input.peek(Ident)
        && (input.peek2(Token![<])
            || input.fork().parse::<Ident>().is_ok_and(|name| FORMATS.iter().any(|format| name == format)))
}

/// `as format`, if that stands here.
fn as_format(input: ParseStream<'_>) -> Result<Option<FormatSpec>> {
    if !input.peek(Token![as]) {
        return Ok(None);
    }
    input.parse::<Token![as]>()?;
    input.parse().map(Some)
}

impl Parse for FormatSpec {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        let mut spot = Spot::from(&name);
        let mut args = Vec::new();
        if input.peek(Token![<]) {
            input.parse::<Token![<]>()?;
            while !input.peek(Token![>]) {
                args.push(input.parse()?);
                if !input.peek(Token![>]) {
                    input.parse::<Token![,]>()?;
                }
            }
            spot.end = input.parse::<Token![>]>()?.span;
        }
        Ok(Self { name, args, spot })
    }
}

impl Parse for FormatArg {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(Ident) {
            return input.parse().map(Self::Number);
        }
        let name = input.parse()?;
        if !input.peek(Token![<]) {
            return Ok(Self::Mode(name, None));
        }
        input.parse::<Token![<]>()?;
        let number = input.parse()?;
        input.parse::<Token![>]>()?;
        Ok(Self::Mode(name, Some(number)))
    }
}
