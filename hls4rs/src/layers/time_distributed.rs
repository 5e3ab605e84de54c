//! A layer that is applied to every step of the first axis.
//!
//! ```
//! use hls4rs::prelude::*;
//!
//! network! {
//!     pub struct Differences;
//!     input x: [3, 2] as Fixed<8, 6>;
//!     let y = time_distributed(dense(x, 1) { weight: [[-1], [1]], bias: [0.5] });
//!     output y;
//! }
//!
//! // Three steps with two values each: `0.5 - first + second`.
//! let y = Differences::new().predict(&[1.0, 3.0, 5.0, 0.0, -2.0, -2.0].map(Fixed::from_num));
//! assert_eq!(y.map(|y| y.to_num::<f64>()), [2.5, -4.5, 0.5]);
//! ```

/// The function `step` of every `IN` elements, its results one after the other.
///
/// ```
/// use hls4rs::layers::time_distributed;
/// let sums: [i32; 3] = time_distributed(&[1, 2, 3, 4, 5, 6], |x: &[i32; 2]| [x[0] + x[1]]);
/// assert_eq!(sums, [3, 7, 11]);
/// ```
#[inline]
pub fn time_distributed<X, Y, const N: usize, const M: usize, const IN: usize, const OUT: usize>(
    x: &[X; N],
    step: impl Fn(&[X; IN]) -> [Y; OUT],
) -> [Y; M]
where
    Y: Copy + Default,
{
    const { assert!(N.is_multiple_of(IN) && N / IN * OUT == M, "whole steps") };
    let mut y = [Y::default(); M];
    for (x, y) in x.as_chunks().0.iter().zip(y.as_chunks_mut().0) {
        *y = step(x);
    }
    y
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::TimeDistributed;
    use hls4rs_ir::with_layer;

    use crate::hls::{Array, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Type};

    /// The variable of the loop over the steps.
    const STEP: &str = "time_step";

    impl Emit for TimeDistributed {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let steps = cx.x().node.shape[0];
            let part = self.step(cx.io, (cx.x().node, cx.x().facts), (cx.node, cx.facts));
            let inside =
                cx.within_step(&part, false, |cx| with_layer!(&*self.layer, layer => layer.emit(cx)))?;
            let (multipliers, interval) = (inside.multipliers, inside.interval);
            let what = format!("{steps} steps of {}", without_name(&inside, &cx.node.name));
            // What is one pipeline dissolves into the loop.
            let inside = match interval {
                Some(_) => Function { interval: None, multipliers: None, inline: true, ..inside },
                None => inside,
            };
            let reused = interval.and(multipliers);
            let function = cx.helper("step", inside);
            let (x, y) = (cx.x().ty.clone(), cx.result.clone());
            let (n_in, n_out) = (cx.x().len() / steps, cx.len() / steps);
            let at = |n: usize| Index::var(STEP).times(n).plus(Index::var("i"));
            let mut body = vec![array("x_step", &x, n_in), array("y_step", &y, n_out)];
            body.push(copy("x_step", Index::var("i"), &x, ("x", at(n_in)), n_in));
            body.push(Stmt::Call { function, args: ["x_step", "y_step"].map(str::to_owned).to_vec() });
            body.push(copy("y", at(n_out), &y, ("y_step", Index::var("i")), n_out));
            let hint = interval.map(|ii| LoopHint::Pipeline { ii });
            let body = vec![Stmt::repeated(STEP, steps, hint, body)];
            Some(Function { interval: None, multipliers: reused, ..cx.function(&what, &[], body) })
        }

        fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
            let steps = cx.x().node.shape[0];
            let (words, _) = cx.x().stream.filter(|(words, _)| words % steps == 0)?;
            debug_assert!(words > 0, "a stream has words");
            let part = self.step(cx.io, (cx.x().node, cx.x().facts), (cx.node, cx.facts));
            let mut functions = cx.within_step(&part, true, |cx| {
                let process = with_layer!(&*self.layer, layer => layer.emit_stream(cx));
                process.or_else(|| {
                    let function = with_layer!(&*self.layer, layer => layer.emit(cx))?;
                    cx.process_of(function)
                })
            })?;
            let process = functions.pop()?;
            let doc = format!("{}: {steps} steps of {}", cx.node.name, without_name(&process, &cx.node.name));
            functions.push(Function { doc: vec![doc], ..process.repeated(STEP, steps) });
            Some(functions)
        }
    }

    /// The first line of a function's doc, without the name of the layer.
    fn without_name(function: &Function, name: &str) -> String {
        let line = function.doc.first().map_or("", String::as_str);
        line.strip_prefix(&format!("{name}: ")).unwrap_or(line).to_owned()
    }

    fn array(name: &str, ty: &Type, len: usize) -> Stmt {
        Stmt::Array(Array::registers(name, ty.clone(), len))
    }

    /// `to[at] = from[at]` for all elements.
    fn copy(to: &str, at: Index, ty: &Type, (from, from_at): (&str, Index), len: usize) -> Stmt {
        let value = Expr::element(from, ty.format, [from_at]);
        Stmt::unrolled("i", len, vec![Stmt::assign(to, [at], ty.clone(), value)])
    }
}
