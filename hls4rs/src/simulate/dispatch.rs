//! Which instructions the engine uses.

use std::sync::OnceLock;

/// The instruction sets that the engine may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// The best that this processor has.
    #[default]
    Auto,
    /// At most AVX2.
    Avx2,
    /// What the program was compiled for.
    Baseline,
}

/// The instruction set that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isa {
    Avx512,
    Avx2,
    Baseline,
}

impl Dispatch {
    /// The choice of the environment variable `HLS4RS_DISPATCH`: `auto`, `avx2` or `baseline`; `Auto` if it is unset
    /// or something else.
    pub fn from_env() -> Self {
        static CHOICE: OnceLock<Dispatch> = OnceLock::new();
        *CHOICE.get_or_init(|| match std::env::var("HLS4RS_DISPATCH").as_deref() {
            Ok("avx2") => Self::Avx2,
            Ok("baseline") => Self::Baseline,
            _ => Self::Auto,
        })
    }

    pub(crate) fn isa(self) -> Isa {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Auto && super::lanes::Avx512::detect().is_some() {
                return Isa::Avx512;
            }
            if self != Self::Baseline && is_x86_feature_detected!("avx2") {
                return Isa::Avx2;
            }
        }
        Isa::Baseline
    }
}

impl Isa {
    /// The name for reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Baseline if cfg!(target_arch = "x86_64") => "SSE2",
            Self::Baseline if cfg!(target_arch = "aarch64") => "NEON",
            Self::Baseline => "baseline",
        }
    }
}
