//! Layers of one's own, with everything that the layers of hls4rs have.
//!
//! A layer is a type with three implementations: [`Layer`] (its shape, its
//! attributes, its formats and what its result can be),
//! [`Kernel`] (its arithmetic, exact, for the simulation) and [`CustomLayer`] (its C++). `network!` takes the type as
//! a layer: `let y = DeltaR2(x) { angle: 1 } -> [6, 6] as UFixed<16, 4, Rnd, Sat>;`. It cannot run the rules, so that
//! shape and format of the result are declared; the rules are checked against them when the graph is first used.
//! `examples/delta_r2` is a complete layer in a network, compared with its C++.
//!
//! ```
//! use hls4rs::custom::{CustomLayer, Kernel, KernelCx, Layer, Rows, RowsMut};
//! use hls4rs::hls::{Function, Index, LayerCx, Stmt};
//! use hls4rs::ir::resolve::{Done, NodeCx};
//! use hls4rs::ir::{Shape, ops::Unfit};
//! use hls4rs::network;
//!
//! /// Turns a vector around.
//! #[derive(Clone, Debug)]
//! struct Reverse;
//!
//! impl Layer for Reverse {
//!     fn keyword(&self) -> &'static str {
//!         "reverse"
//!     }
//!
//!     fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
//!         Ok(inputs[0].clone())
//!     }
//!
//!     fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
//!         let mut range = cx.input(0).range.clone();
//!         range.elements.reverse();
//!         Some(cx.settle_result(&range).into())
//!     }
//! }
//!
//! impl Kernel for Reverse {
//!     fn compute(&self, cx: &KernelCx<'_>, x: &[Rows<'_>], y: &mut RowsMut<'_>) {
//!         let cast = hls4rs::fixed::Cast::new(cx.inputs[0].format, cx.result.format);
//!         for at in 0..x[0].len() {
//!             let from = x[0].row(x[0].len() - 1 - at);
//!             for (y, x) in y.row_mut(at).iter_mut().zip(from) {
//!                 *y = cast.i64(*x);
//!             }
//!         }
//!     }
//! }
//!
//! impl CustomLayer for Reverse {
//!     fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
//!         let last = cx.len() - 1;
//!         let from = cx.read(0, Index::Rest(last, Box::new(Index::var("i"))));
//!         let body = vec![Stmt::unrolled("i", cx.len(), vec![cx.write(Index::var("i"), from)])];
//!         Some(cx.function("the elements in reverse.", &[], body))
//!     }
//! }
//!
//! network! {
//!     struct Backwards;
//!     input x: [3] as Fixed<8, 4>;
//!     output y = Reverse(x) -> [3] as Fixed<8, 4>;
//! }
//!
//! let x = [1.0, -2.5, 3.0].map(hls4rs::fixed::Fixed::<8, 4>::from_num);
//! assert_eq!(Backwards::new().predict(&x).map(|y| y.to_num::<f64>()), [3.0, -2.5, 1.0]);
//! ```

use core::any::Any;
use core::fmt::Debug;

#[cfg(feature = "backends")]
use crate::hls::{Function, LayerCx};
use crate::ir;
pub use crate::ir::ops::Layer;
use crate::ir::ops::{Custom, Definition};
pub use crate::layers::custom::{Kernel, KernelCx, Port, Rows, RowsMut};

/// A layer of one's own.
pub trait CustomLayer: Layer + Kernel + Clone + Debug + Send + Sync + 'static {
    /// Its C++: a function from arrays to an array, as a tree that every vendor's dialect can spell.
    ///
    /// `None`, as here, for a layer that is only simulated; a project is then an error that names it.
    #[cfg(feature = "backends")]
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let _ = cx;
        None
    }
}

/// A layer of one's own as a node's operation, for [`Builder`](ir::Builder).
pub fn op(layer: impl CustomLayer) -> ir::Op {
    Custom::defined(define(layer)).into()
}

/// A layer of one's own as [`Graph::from_json_with`](ir::Graph::from_json_with) takes it.
pub fn define(layer: impl CustomLayer) -> Box<dyn Definition> {
    Box::new(Defined(Box::new(layer)))
}

/// Any [`CustomLayer`].
pub(crate) trait Object: Layer + Kernel + Debug + Send + Sync {
    fn rules(&self) -> &dyn Layer;
    fn rules_mut(&mut self) -> &mut dyn Layer;
    fn boxed(&self) -> Box<dyn Object>;
    #[cfg(feature = "backends")]
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function>;
}

impl<T: CustomLayer> Object for T {
    fn rules(&self) -> &dyn Layer {
        self
    }

    fn rules_mut(&mut self) -> &mut dyn Layer {
        self
    }

    fn boxed(&self) -> Box<dyn Object> {
        Box::new(self.clone())
    }

    #[cfg(feature = "backends")]
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        CustomLayer::emit(self, cx)
    }
}

/// What [`define`] makes of a layer.
#[derive(Debug)]
struct Defined(Box<dyn Object>);

impl Definition for Defined {
    fn layer(&self) -> &dyn Layer {
        self.0.rules()
    }

    fn layer_mut(&mut self) -> &mut dyn Layer {
        self.0.rules_mut()
    }

    fn boxed(&self) -> Box<dyn Definition> {
        Box::new(Self(self.0.boxed()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The layer behind a node; `None` if its definition is not known or not made by [`define`].
pub(crate) fn object(custom: &Custom) -> Option<&dyn Object> {
    Some(&*custom.definition()?.as_any().downcast_ref::<Defined>()?.0)
}
