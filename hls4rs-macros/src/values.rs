//! Values that are written in the source: numbers, shapes, matrices.

use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::shape::MAX_ELEMENTS;
use hls4rs_ir::{Shape, ShapeError, Tensor};

use crate::ast::{List, Number, Spot, Value};
use crate::report::Report;

/// A mistake and where it is.
type Wrong = (Spot, String);

/// The number as a count, if it is one.
pub(crate) fn whole(number: &Number) -> Option<usize> {
    let value = number.value;
    (value.fract() == 0.0 && (0.0..=MAX_ELEMENTS as f64).contains(&value)).then_some(value as usize)
}

/// A list as a shape; `what` begins the message if it is none.
pub(crate) fn shape(list: &List, what: &str, report: &mut Report) -> Option<Shape> {
    let extents = list.items.iter().map(|item| match item {
        Value::Number(number) => whole(number).ok_or(number.spot),
        other => Err(other.spot()),
    });
    let extents = match extents.collect::<Result<Vec<_>, Spot>>() {
        Ok(extents) if list.repeat.is_none() => extents,
        Ok(_) => {
            report.add(list.spot, &format!("{what}: expected a list of extents, such as `[4, 8]`"), None);
            return None;
        }
        Err(spot) => {
            report.add(spot, &format!("{what}: expected an extent, a whole number of at least 1"), None);
            return None;
        }
    };
    Shape::new(&extents)
        .map_err(|error| {
            let spot = match error {
                ShapeError::Zero { axis } => list.items[axis].spot(),
                _ => list.spot,
            };
            report.add(spot, &format!("{what}: {error}"), None);
        })
        .ok()
}

/// Inline values of a slot: a list of lists, or one number for all elements of the shape that is needed.
pub(crate) fn tensor(value: &Value, needed: &Shape, what: &str, report: &mut Report) -> Option<Tensor> {
    let result = match value {
        Value::Number(number) => Ok(Tensor::new(needed.clone(), vec![number.value; needed.elements()])
            .expect("a value for each element")),
        Value::Word(_) | Value::Text(_) => {
            Err((value.spot(), format!("expected numbers of shape {needed}, found {}", text(value))))
        }
        Value::List(list) => flatten(list).and_then(|(extents, values)| {
            let shape = Shape::new(&extents).map_err(|error| {
                let message = match error {
                    ShapeError::TooLarge => error.to_string(),
                    _ => format!("expected numbers of shape {needed}, found none"),
                };
                (list.spot, message)
            })?;
            Tensor::new(shape, values).map_err(|_| (list.spot, "expected numbers".to_owned()))
        }),
    };
    result.map_err(|(spot, message)| report.add(spot, &format!("{what}: {message}"), None)).ok()
}

/// Extents and elements of nested lists.
fn flatten(list: &List) -> Result<(Vec<usize>, Vec<f64>), Wrong> {
    let mut inner: Option<Vec<usize>> = None;
    let mut values = Vec::new();
    for item in &list.items {
        let extents = match item {
            Value::Number(number) => {
                values.push(number.value);
                Vec::new()
            }
            Value::List(list) => {
                let (extents, items) = flatten(list)?;
                values.extend(items);
                extents
            }
            Value::Word(_) | Value::Text(_) => {
                return Err((item.spot(), format!("expected a number, found {}", text(item))));
            }
        };
        let expected = inner.get_or_insert_with(|| extents.clone());
        if *expected != extents {
            let words = |e: &[usize]| {
                if e.is_empty() { "a number".to_owned() } else { format!("a list of shape {e:?}") }
            };
            return Err((item.spot(), format!("expected {}, found {}", words(expected), words(&extents))));
        }
    }
    let mut extents = vec![list.items.len()];
    if let Some(repeat) = &list.repeat {
        let times = whole(repeat).ok_or((
            repeat.spot,
            format!("expected how many times, a whole number, found {}", repeat.value),
        ))?;
        if values.len().checked_mul(times).is_none_or(|n| n > MAX_ELEMENTS) {
            return Err((repeat.spot, ShapeError::TooLarge.to_string()));
        }
        values = values.repeat(times);
        extents = vec![times];
    }
    extents.extend(inner.unwrap_or_default());
    Ok((extents, values))
}

/// The value of an attribute.
pub(crate) fn attr_value(value: &Value) -> Result<AttrValue, Wrong> {
    match value {
        Value::Number(number) => Ok(AttrValue::Number(number.value)),
        Value::Word(word) => Ok(AttrValue::Word(word.to_string())),
        Value::Text(text) => Ok(AttrValue::Text(text.value())),
        Value::List(list) => match flatten(list)? {
            (extents, values) if extents.len() == 1 => Ok(AttrValue::List(values)),
            _ => Err((list.spot, "a list of numbers".to_owned())),
        },
    }
}

/// A value as it is quoted in a message.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.value.to_string(),
        Value::Word(word) => format!("`{word}`"),
        Value::Text(text) => format!("{:?}", text.value()),
        Value::List(list) => {
            let items: Vec<_> = list.items.iter().take(8).map(text).collect();
            let more = if list.items.len() > 8 { ", …" } else { "" };
            match &list.repeat {
                Some(times) => format!("[{}; {}]", items.join(", "), times.value),
                None => format!("[{}{more}]", items.join(", ")),
            }
        }
    }
}
