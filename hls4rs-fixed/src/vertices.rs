//! The sizes of a layer on the vertices of a graph.

/// How many of what a layer with aggregators on vertices has; rules, kernels and C++ share it.
///
/// Vertices are taken in rounds of so many at once; both numbers are powers of two, so that means are shifts.
///
/// ```
/// use hls4rs_fixed::vertices::Vertices;
/// let sizes = Vertices { vertices: 16, features: 3, aggregators: 4, units: 8, at_once: 4 };
/// assert_eq!((sizes.rounds(), sizes.share_bits(), sizes.round_bits()), (4, 2, 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vertices {
    /// The most vertices that there are.
    pub vertices: usize,
    /// Features of a vertex.
    pub features: usize,
    /// Points in feature space in which vertices meet.
    pub aggregators: usize,
    /// Features of the result.
    pub units: usize,
    /// Vertices in a round.
    pub at_once: usize,
}

impl Vertices {
    /// How many rounds there are.
    pub const fn rounds(&self) -> usize {
        self.vertices / self.at_once
    }

    /// The shift by which the sum of a round is divided.
    pub const fn share_bits(&self) -> u32 {
        self.at_once.trailing_zeros()
    }

    /// The shift by which the sum over the rounds is divided.
    pub const fn round_bits(&self) -> u32 {
        self.rounds().trailing_zeros()
    }

    /// The shift that divides by the number of vertices.
    pub const fn vertex_bits(&self) -> u32 {
        self.vertices.trailing_zeros()
    }
}
