//! What a configuration says of the project, beside the network.

use hls4rs_ir::Io;
use hls4rs_ir::draft::Setting;
use serde_json::Value;

/// The part of a configuration that concerns the project: how the network is built, not what it computes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectConfig {
    /// `ProjectName`, which the network takes.
    pub name: Option<String>,
    /// `Backend`, in small letters.
    pub backend: Option<String>,
    /// `IOType`.
    pub io: Option<Io>,
    /// `Part`, as the vendor writes it.
    pub part: Option<String>,
    /// `ClockPeriod` in nanoseconds.
    pub clock_ns: Option<f64>,
    /// `ClockUncertainty`.
    pub clock_uncertainty: Option<Uncertainty>,
    /// `Model.BramFactor`: trained values of more elements come from outside.
    pub bram_factor: Option<usize>,
    /// `Model.PipelineStyle`, if not `auto`.
    pub pipeline: Option<Pipeline>,
}

/// A margin for the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Uncertainty {
    /// Of the period.
    Percent(f64),
    /// A time.
    Nanoseconds(f64),
}

/// How layers overlap in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// One pipeline, with this initiation interval if one is asked for.
    Whole(Option<usize>),
    /// A process for each layer.
    Dataflow,
}

impl ProjectConfig {
    /// Takes a key that stands beside `Model`, where it says how the network is built; others concern hls4ml itself.
    ///
    /// # Errors
    /// What is expected.
    pub(super) fn take(&mut self, key: &str, value: &Value) -> Result<(), &'static str> {
        let word = || value.as_str().ok_or("a word");
        match key {
            _ if value.is_null() => {}
            "ProjectName" => self.name = Some(word()?.to_owned()),
            "Backend" => self.backend = Some(word()?.to_lowercase()),
            "Part" => self.part = Some(word()?.to_owned()),
            "IOType" => {
                let name = word()?;
                let io = Io::from_name(name.strip_prefix("io_").unwrap_or(name));
                self.io = Some(io.ok_or("`io_parallel` or `io_stream`")?);
            }
            "ClockPeriod" => {
                let positive = number(value).filter(|ns| ns.is_finite() && *ns > 0.0);
                self.clock_ns = Some(positive.ok_or("a number of nanoseconds above 0")?);
            }
            "ClockUncertainty" => self.clock_uncertainty = Some(uncertainty(value)?),
            _ => {}
        }
        Ok(())
    }

    /// Takes the settings of the model that concern the project, and gives a warning.
    ///
    /// # Errors
    /// The key in snake case and what is expected.
    pub(super) fn take_settings(
        &mut self,
        mut remove: impl FnMut(&str) -> Option<Setting>,
    ) -> Result<Option<&'static str>, (&'static str, &'static str)> {
        if let Some(elements) = remove("bram_factor") {
            // With 0 everything that is trained comes from outside.
            let none = elements.number() == Some(0.0) || elements.word() == Some("0");
            let found = if none { Some(0) } else { elements.size() };
            self.bram_factor = Some(found.ok_or(("bram_factor", "a number of elements"))?);
        }
        let cycles = ("pipeline_interval", "a whole number of cycles of at least 1");
        let interval = remove("pipeline_interval").map(|set| set.size().ok_or(cycles)).transpose()?;
        let style = remove("pipeline_style");
        self.pipeline = match style.as_ref().map(|style| style.word().unwrap_or_default()) {
            None | Some("auto") => None,
            Some("pipeline") => Some(Pipeline::Whole(interval)),
            Some("dataflow") => Some(Pipeline::Dataflow),
            Some(_) => return Err(("pipeline_style", "`auto`, `pipeline` or `dataflow`")),
        };
        let idle = interval.is_some() && !matches!(self.pipeline, Some(Pipeline::Whole(_)));
        Ok(idle.then_some("`Model.PipelineInterval` has no effect without `PipelineStyle: pipeline`"))
    }
}

/// A number; hls4ml also takes numbers in quotes.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// `27%`, or a number of nanoseconds.
fn uncertainty(value: &Value) -> Result<Uncertainty, &'static str> {
    let percent = value.as_str().and_then(|text| text.trim().strip_suffix('%'));
    let read = match percent {
        Some(percent) => percent.trim().parse().ok().map(Uncertainty::Percent),
        None => number(value).map(Uncertainty::Nanoseconds),
    };
    let positive = read.filter(|read| match *read {
        Uncertainty::Percent(v) => (0.0..=100.0).contains(&v),
        Uncertainty::Nanoseconds(v) => v.is_finite() && v >= 0.0,
    });
    positive.ok_or("a percentage such as `27%`, or a number of nanoseconds")
}
