//! Networks in streams whose branches wait for each other.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Builder, Io, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Slot, Tensor};

struct Net(Builder);

impl Net {
    fn new(name: &str, shape: &[usize]) -> (Self, NodeId) {
        let mut builder = Builder::new(name);
        builder.io(Io::Stream);
        let shape = Shape::new(shape).expect("a shape");
        let x = builder.input("x", shape, Precision::Checked(Format::fixed(8, 3)));
        (Self(builder), x)
    }

    fn add(&mut self, name: &str, keyword: &str, attrs: &[(&str, AttrValue)], inputs: &[NodeId]) -> NodeId {
        let mut op = Op::from_keyword(keyword).expect("a layer");
        for (name, value) in attrs {
            let mut all = op.attrs();
            let attr = all.iter_mut().find(|attr| attr.name == *name).expect("an attribute");
            attr.value.set(value).expect("a value");
        }
        let mut spec = NodeSpec::new(name, op, inputs);
        let shapes: Vec<&Shape> = inputs.iter().map(|&id| self.0.shape(id).expect("sound")).collect();
        for parameter in spec.op.layer().parameters(&shapes).into_iter().filter(|p| !p.optional) {
            let values = (0..parameter.shape.elements()).map(|n| (n % 5) as f64 / 4.0 - 0.5).collect();
            spec.values.set(parameter.slot, Tensor::new(parameter.shape, values).expect("all of them"));
        }
        spec.precision.set(Slot::Result, Precision::MayWrap(Format::fixed(10, 4)));
        self.0.add(spec)
    }

    fn conv(&mut self, name: &str, filters: usize, x: NodeId) -> NodeId {
        let attrs = [
            ("filters", AttrValue::Number(filters as f64)),
            ("kernel", AttrValue::List(vec![3.0, 3.0])),
            ("padding", AttrValue::Word("same".to_owned())),
        ];
        self.add(name, "conv2d", &attrs, &[x])
    }

    fn finish(mut self, y: NodeId) -> Resolved {
        self.0.output(y);
        self.0.finish_with_warnings().expect("a sound network").0
    }
}

/// Two convolutions beside a connection that skips them.
pub(crate) fn residual() -> Resolved {
    let (mut net, x) = Net::new("residual", &[8, 8, 3]);
    let first = net.conv("first", 3, x);
    let active = net.add("active", "relu", &[], &[first]);
    let second = net.conv("second", 3, active);
    let sum = net.add("sum", "add", &[], &[x, second]);
    let y = net.add("y", "relu", &[], &[sum]);
    net.finish(y)
}

/// Down and up again twice, each level beside a connection that skips it.
pub(crate) fn u_net() -> Resolved {
    let (mut net, x) = Net::new("u_net", &[16, 16, 1]);
    let pool = [("pool", AttrValue::List(vec![2.0, 2.0]))];
    let twice = [("factor", AttrValue::List(vec![2.0, 2.0]))];
    let top = net.conv("top", 2, x);
    let down1 = net.add("down1", "max_pool2d", &pool, &[top]);
    let middle = net.conv("middle", 3, down1);
    let down2 = net.add("down2", "max_pool2d", &pool, &[middle]);
    let bottom = net.conv("bottom", 4, down2);
    let up2 = net.add("up2", "upsample2d", &twice, &[bottom]);
    let joined2 = net.add("joined2", "concatenate", &[], &[middle, up2]);
    let middle_up = net.conv("middle_up", 3, joined2);
    let up1 = net.add("up1", "upsample2d", &twice, &[middle_up]);
    let joined1 = net.add("joined1", "concatenate", &[], &[top, up1]);
    let y = net.conv("y", 1, joined1);
    net.finish(y)
}
