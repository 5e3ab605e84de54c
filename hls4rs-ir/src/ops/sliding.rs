//! Windows that slide over a tensor: kernel, stride, dilation and padding of convolution and pooling.

use hls4rs_fixed::window::Window;

use super::Unfit;
use super::moves::reshape;
use crate::Shape;
use crate::attr::{Attr, AttrRef};

/// How far windows reach beyond the tensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// As far as `pad` says; without it, not at all.
    #[default]
    Valid,
    /// Far enough for one window at every `stride`-th position; what cannot be halved is after.
    Same,
    /// As `same`, all of it before: a result depends on inputs before it only.
    Causal,
}

impl Padding {
    /// The keywords, `causal` last.
    pub const NAMES: &'static [&'static str] = &["valid", "same", "causal"];
    const ALL: [Self; 3] = [Self::Valid, Self::Same, Self::Causal];
}

/// Windows over the outer axes of a tensor with channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// One or two: `[width, channels]` or `[height, width, channels]`.
    pub axes: usize,
    /// Taps of a window along each axis.
    pub kernel: Vec<usize>,
    /// Steps between windows; one number stands for all axes.
    pub stride: Vec<usize>,
    /// Steps between taps; one number stands for all axes.
    pub dilation: Vec<usize>,
    /// How far windows reach beyond the tensor.
    pub padding: Padding,
    /// `[left, right]` or `[top, bottom, left, right]` in place of `padding`.
    pub pad: Vec<usize>,
}

impl Sliding {
    /// Windows over so many axes, with a kernel that has yet to be set.
    pub fn new(axes: usize) -> Self {
        Self {
            axes,
            kernel: vec![0; axes],
            stride: vec![1; axes],
            dilation: vec![1; axes],
            padding: Padding::Valid,
            pad: Vec::new(),
        }
    }

    /// The attribute that has the size of a window.
    pub(super) fn kernel_attr<'a>(axes: usize, name: &'static str, kernel: &'a mut Vec<usize>) -> Attr<'a> {
        let doc = if axes == 1 { "taps of a window" } else { "taps of a window, `[height, width]`" };
        Attr { name, doc, value: per_axis(axes, kernel) }
    }

    /// Every attribute; the kernel first.
    pub(super) fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { axes, kernel, stride, dilation, padding, pad } = self;
        let axes = *axes;
        let index = Padding::ALL.iter().position(|p| p == padding).expect("one of all");
        let allowed = if axes == 1 { Padding::NAMES } else { &Padding::NAMES[..2] };
        let set = Box::new(move |at: usize| *padding = Padding::ALL[at]);
        vec![
            Self::kernel_attr(axes, "kernel", kernel),
            Attr { name: "stride", doc: "steps between windows", value: per_axis(axes, stride) },
            Attr { name: "dilation", doc: "steps between taps", value: per_axis(axes, dilation) },
            Attr {
                name: "padding",
                doc: "how far windows reach beyond the tensor",
                value: AttrRef::Choice { allowed, index, set },
            },
            Attr {
                name: "pad",
                doc: "zeros around the tensor, `[left, right]` or `[top, bottom, left, right]`",
                value: AttrRef::Counts(pad),
            },
        ]
    }

    /// The windows over an input of this shape.
    ///
    /// # Errors
    /// What does not fit.
    pub fn window(&self, input: &Shape) -> Result<Window, Unfit> {
        if input.rank() != self.axes + 1 {
            let expected = if self.axes == 1 { "[width, channels]" } else { "[height, width, channels]" };
            return Err(Unfit::Input { n: 0, expected: expected.to_owned(), help: reshape(expected) });
        }
        let extents = &input[..self.axes];
        let kernel = self.per_axis("kernel", &self.kernel)?;
        let stride = self.per_axis("stride", &self.stride)?;
        let dilation = self.per_axis("dilation", &self.dilation)?;
        let pad = self.pads()?;
        // One axis is an image of one row.
        let mut window = Window {
            input: [1; 2],
            kernel: [1; 2],
            stride: [1; 2],
            dilation: [1; 2],
            before: [0; 2],
            output: [1; 2],
        };
        for axis in 0..self.axes {
            let at = axis + 2 - self.axes;
            let (size, step) = (extents[axis], stride[axis]);
            let reach = (kernel[axis] - 1).saturating_mul(dilation[axis]).saturating_add(1);
            let total = match self.padding {
                Padding::Valid => pad[2 * axis].saturating_add(pad[2 * axis + 1]),
                Padding::Same if size.is_multiple_of(step) => reach.saturating_sub(step),
                Padding::Same => reach.saturating_sub(size % step),
                Padding::Causal => reach - 1,
            };
            let Some(room) = size.checked_add(total).and_then(|padded| padded.checked_sub(reach)) else {
                return Err(self.too_large(extents, &pad));
            };
            window.input[at] = size;
            window.kernel[at] = kernel[axis];
            window.stride[at] = step;
            window.dilation[at] = dilation[axis];
            window.before[at] = match self.padding {
                Padding::Valid => pad[2 * axis],
                Padding::Same => total / 2,
                Padding::Causal => total,
            };
            window.output[at] = room / step + 1;
        }
        Ok(window)
    }

    /// The shape of a result with so many channels.
    pub(super) fn result(&self, window: &Window, channels: usize) -> Option<Shape> {
        let mut extents = window.output[2 - self.axes..].to_vec();
        extents.push(channels);
        Shape::new(&extents).ok()
    }

    fn per_axis(&self, name: &'static str, values: &[usize]) -> Result<Vec<usize>, Unfit> {
        let all = if let [value] = values { vec![*value; self.axes] } else { values.to_vec() };
        if all.len() == self.axes && all.iter().all(|&value| value > 0) {
            return Ok(all);
        }
        let expected = match self.axes {
            1 => "a whole number of at least 1",
            _ => "two whole numbers of at least 1, `[height, width]`",
        };
        let found = if all.contains(&0) { "none".to_owned() } else { format!("{values:?}") };
        Err(Unfit::Attr { name, expected: expected.to_owned(), found })
    }

    fn pads(&self) -> Result<Vec<usize>, Unfit> {
        let wrong = |expected: &str| {
            let found = format!("{:?}", self.pad);
            Err(Unfit::Attr { name: "pad", expected: expected.to_owned(), found })
        };
        match (self.pad.len(), self.padding) {
            (0, _) => Ok(vec![0; 2 * self.axes]),
            (_, Padding::Same | Padding::Causal) => wrong("either `padding` or `pad`, not both"),
            (n, _) if n == 2 * self.axes => Ok(self.pad.clone()),
            _ if self.axes == 1 => wrong("two whole numbers, `[left, right]`"),
            _ => wrong("four whole numbers, `[top, bottom, left, right]`"),
        }
    }

    /// The kernel as it would be written.
    pub(super) fn kernel_text(&self) -> String {
        match self.kernel.as_slice() {
            [one] => one.to_string(),
            all => format!("{all:?}"),
        }
    }

    fn too_large(&self, extents: &[usize], pad: &[usize]) -> Unfit {
        let padded = extents.iter().zip(pad.chunks(2)).map(|(size, pad)| size + pad[0] + pad[1]);
        let padded: Vec<usize> = padded.collect();
        let found = self.kernel_text();
        let dilated = if self.dilation.iter().any(|&d| d > 1) { " with its dilation" } else { "" };
        let expected = format!("a window that{dilated} fits the padded input {padded:?}");
        Unfit::Attr { name: "kernel", expected, found }
    }
}

fn per_axis(axes: usize, values: &mut Vec<usize>) -> AttrRef<'_> {
    match (axes, values.as_mut_slice()) {
        (1, [_]) => AttrRef::Size(&mut values[0]),
        _ => AttrRef::Sizes(values),
    }
}
