//! Convolutions.

use hls4rs_fixed::Wide;
use hls4rs_fixed::window::{Convolution, Window};

use super::sliding::Sliding;
use super::sums::{Sums, Words, channel_hulls, no_bias};
use super::{Layer, Parameter, Unfit, few_elements};
use crate::attr::{Attr, AttrRef};
use crate::fault::Problem;
use crate::hardware::{Io, Multiplications, Strategy};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::{Place, Shape, Slot};

/// Convolution: at every output position `p`, `y[p, f] = bias[f] + Σ x[position(p, tap), c] · weight[tap, c, f]` over
/// the taps of the window and the channels of the group of `f`; in the padding, `x` is 0.
///
/// # Shapes
/// `conv1d`: `x: [width, c]`, `weight: [kernel, c / groups, filters]`, `y: [out_width, filters]`.
/// `conv2d`: `x: [height, width, c]`, `weight: [kernel_height, kernel_width, c / groups, filters]`,
/// `y: [out_height, out_width, filters]`. `bias: [filters]` or none.
/// `depthwise_conv1d` and `depthwise_conv2d` have a group and a filter for each channel: `weight: [kernel, c]` or
/// `[kernel_height, kernel_width, c]`, in both cases also with a last axis of 1. The weights of a kernel of one position
/// may also be `[c / groups, filters]`.
///
/// With `reach = (kernel - 1) · dilation + 1`, an axis of `n` positions gives
/// `floor((n + before + after - reach) / stride) + 1` of them. Padding `valid` has none, or what `pad` says. `same` has
/// `max(reach - stride, 0)` where `stride` divides `n`, else `max(reach - n mod stride, 0)`, the smaller half of it
/// before. `causal` has `reach - 1`, all of it before.
/// # Precision
/// Each product is cast to `accum`; the sum starts from `bias` cast to `accum` and runs over the rows of the kernel, its
/// columns and the channels (strategy `latency`), or over the same list in strides of the reuse factor (strategies
/// `resource` and `resource_unrolled`); one cast to the result. A depthwise convolution with strategy `resource` deals
/// out the products of all channels, tap by tap, so that a channel's come in the order of the steps. Strategy
/// `distributed_arithmetic` sums exactly, so that there is no `accum` to choose, and casts once. `accum: auto` has the
/// unit of the exact products and room for the largest sum that the weights and the ranges of the channels allow at any
/// position.
/// # Hardware
/// The multipliers of `parallelization_factor` positions, `ceil(taps · c / groups · filters / reuse_factor)` each; an
/// interval of `reuse_factor` cycles for every so many positions. Streams take one position after the other.
/// # Source
/// hls4ml `nnet_utils/nnet_conv1d_latency.h`, `nnet_conv2d_latency.h`, `nnet_sepconv_stream.h`,
/// `nnet_depthwise_product.h`; padding as Keras.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Whether every channel has a filter of its own.
    pub depthwise: bool,
    /// The number of filters; of no meaning for a depthwise convolution.
    pub filters: usize,
    /// The windows.
    pub sliding: Sliding,
    /// Groups of channels, each with its share of the filters; of no meaning for a depthwise convolution.
    pub groups: usize,
    /// Output positions that are computed at once.
    pub parallelization_factor: usize,
}

impl Conv {
    /// A convolution over so many axes, one or two, with filters and kernel to be set.
    pub fn new(axes: usize) -> Self {
        let sliding = Sliding::new(axes);
        Self { depthwise: false, filters: 0, sliding, groups: 1, parallelization_factor: 1 }
    }

    /// A convolution of every channel for itself.
    pub fn depthwise(axes: usize) -> Self {
        Self { depthwise: true, ..Self::new(axes) }
    }

    /// The geometry for an input of this shape.
    ///
    /// # Errors
    /// What does not fit.
    pub fn geometry(&self, input: &Shape) -> Result<Convolution, Unfit> {
        let window = self.sliding.window(input)?;
        let channels = input.channels();
        if self.depthwise {
            return Ok(Convolution { window, channels, filters: channels, groups: channels });
        }
        let (filters, groups) = (self.filters, self.groups);
        if filters == 0 {
            let expected = "the number of filters, at least 1".to_owned();
            return Err(Unfit::Attr { name: "filters", expected, found: "none".to_owned() });
        }
        if !channels.is_multiple_of(groups) || !filters.is_multiple_of(groups) {
            let expected = format!("a divisor of the {channels} channels and of the {filters} filters");
            return Err(Unfit::Attr { name: "groups", expected, found: groups.to_string() });
        }
        Ok(Convolution { window, channels, filters, groups })
    }

    /// The geometry for inputs that [`shape`](Layer::shape) has accepted.
    fn checked(&self, inputs: &[&Shape]) -> Convolution {
        self.geometry(inputs[0]).unwrap_or_else(|unfit| unreachable!("accepted before: {unfit:?}"))
    }

    fn kernel(&self, geometry: &Convolution) -> Vec<usize> {
        geometry.window.kernel[2 - self.sliding.axes..].to_vec()
    }
}

/// What the inputs of a window can be at any position, `[taps, channels]`.
fn window_ranges(x: &Ranges, geometry: &Convolution) -> Ranges {
    let hulls = channel_hulls(x, geometry.channels);
    let zero = Interval::point(Wide::ZERO);
    let mut elements = Vec::with_capacity(geometry.window.taps() * geometry.channels);
    for tap in 0..geometry.window.taps() {
        let padded = in_padding(&geometry.window, tap);
        elements.extend(hulls.iter().map(|hull| if padded { hull.hull(zero) } else { *hull }));
    }
    Ranges { frac_bits: x.frac_bits, elements }
}

/// Whether a tap lies in the padding at some position.
fn in_padding(window: &Window, tap: usize) -> bool {
    let taps = [tap / window.kernel[1], tap % window.kernel[1]];
    let beyond = |axis: usize| {
        // The first window reaches furthest to the front, the last one furthest to the back.
        let last = window.output[axis] - 1;
        [0, last].into_iter().any(|out| window.along(axis, out, taps[axis]).is_none())
    };
    beyond(0) || beyond(1)
}

impl Layer for Conv {
    fn keyword(&self) -> &'static str {
        match (self.depthwise, self.sliding.axes) {
            (false, 1) => "conv1d",
            (false, _) => "conv2d",
            (true, 1) => "depthwise_conv1d",
            (true, _) => "depthwise_conv2d",
        }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { depthwise, filters, sliding, groups, parallelization_factor } = self;
        let size = |name, doc, value| Attr { name, doc, value: AttrRef::Size(value) };
        let mut attrs = sliding.attrs();
        if !*depthwise {
            attrs.insert(0, size("filters", "number of filters", filters));
            attrs.push(size("groups", "groups of channels with filters of their own", groups));
        }
        let doc = "output positions that are computed at once";
        attrs.push(size("parallelization_factor", doc, parallelization_factor));
        attrs
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Weight, Slot::Bias, Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let geometry = self.geometry(inputs[0])?;
        let weight = Shape::new(&[geometry.window.taps(), geometry.share(), geometry.filters]);
        let result = self.sliding.result(&geometry.window, geometry.filters).filter(|_| weight.is_ok());
        let result = result.ok_or_else(|| Unfit::Attr {
            name: if self.depthwise { "kernel" } else { "filters" },
            expected: format!("few enough for weights and {}", few_elements()),
            found: if self.depthwise { self.sliding.kernel_text() } else { self.filters.to_string() },
        })?;
        let positions = geometry.window.outputs();
        if !positions.is_multiple_of(self.parallelization_factor) {
            return Err(Unfit::Attr {
                name: "parallelization_factor",
                expected: format!("a divisor of the {positions} output positions"),
                found: self.parallelization_factor.to_string(),
            });
        }
        Ok(result)
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let geometry = self.checked(inputs);
        let shape = |extents: &[usize]| Shape::new(extents).expect("checked with the input's shape");
        let mut weight = self.kernel(&geometry);
        let mut alternative = None;
        if self.depthwise {
            weight.push(geometry.channels);
            alternative = Some(shape(&[weight.as_slice(), &[1]].concat()));
        } else {
            weight.extend([geometry.share(), geometry.filters]);
            if geometry.window.taps() == 1 {
                alternative = Some(shape(&[geometry.share(), geometry.filters]));
            }
        }
        let bias = shape(&[geometry.filters]);
        vec![
            Parameter { slot: Slot::Weight, shape: shape(&weight), alternative, optional: false },
            Parameter { slot: Slot::Bias, shape: bias, alternative: None, optional: true },
        ]
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        let geometry = self.checked(inputs);
        Some(match self.depthwise {
            true => Multiplications::channels(geometry.rows(), geometry.filters),
            false => Multiplications::matrix(geometry.rows(), geometry.filters),
        })
    }

    fn passes(&self, inputs: &[&Shape]) -> usize {
        self.checked(inputs).window.outputs() / self.parallelization_factor
    }

    fn strategies(&self) -> &'static [Strategy] {
        match self.groups {
            _ if self.depthwise => &[Strategy::Latency, Strategy::Resource, Strategy::DistributedArithmetic],
            1 => &Strategy::WITH_ALL_WEIGHTS,
            _ => &[Strategy::Latency, Strategy::DistributedArithmetic],
        }
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let geometry = self.checked(&[cx.input_shape(0)]);
        if cx.io() == Io::Stream && self.parallelization_factor > 1 {
            let (layer, attr) = (cx.node().name.clone(), "parallelization_factor");
            let expected = "1 in streams, which bring one position after the other".to_owned();
            let found = self.parallelization_factor.to_string();
            cx.fault(Place::Attr(attr), Problem::Attribute { layer, attr, expected, found });
        }
        cx.store_values(Slot::Weight)?;
        let bias = match cx.store_values(Slot::Bias) {
            Some(bias) => bias.clone(),
            None => no_bias(geometry.filters),
        };
        let weight = cx.stored(Slot::Weight).clone();
        cx.exact(0, x.result().product(weight.format))?;
        let sums = Sums {
            x: &window_ranges(&x.range, &geometry),
            weight: &weight,
            bias: &bias,
            n_out: geometry.filters,
            channels: geometry.channels,
            groups: geometry.groups,
            positions: geometry.window.outputs(),
            words: Words { part: "window", unit: if self.depthwise { "channel" } else { "filter" } },
        };
        Some(sums.settle(cx))
    }
}
