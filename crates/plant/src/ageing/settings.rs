//! Which model, how fast, how hard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An ageing model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgeingModel {
    /// Cells stay as they are.
    None,
    /// Naumann et al. 2018 and 2020 as published, Sony 3 Ah.
    Naumann,
    /// The same with the calendar loss fitted anew to eight of its conditions.
    NaumannRefit,
    /// BLAST-Lite, large prismatic cell of 2019: the nearest to the 100 Ah home cell.
    #[default]
    #[serde(rename = "blast-prismatic-250ah")]
    BlastPrismatic250Ah,
    /// BLAST-Lite, Sony 3 Ah.
    #[serde(rename = "blast-sony-3ah")]
    BlastSony3Ah,
}

impl AgeingModel {
    /// Every model, in the order of the documents.
    pub const ALL: [Self; 5] =
        [Self::None, Self::Naumann, Self::NaumannRefit, Self::BlastPrismatic250Ah, Self::BlastSony3Ah];

    /// Its name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Naumann => "naumann",
            Self::NaumannRefit => "naumann-refit",
            Self::BlastPrismatic250Ah => "blast-prismatic-250ah",
            Self::BlastSony3Ah => "blast-sony-3ah",
        }
    }
}

impl fmt::Display for AgeingModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No model has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "no ageing model is called `{0}`; there are none, naumann, naumann-refit, blast-prismatic-250ah, blast-sony-3ah"
)]
pub struct UnknownAgeingModel(pub String);

impl FromStr for AgeingModel {
    type Err = UnknownAgeingModel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|model| model.name() == name)
            .ok_or_else(|| UnknownAgeingModel(name.to_owned()))
    }
}

/// A number that ageing cannot be set to.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AgeingError {
    /// Acceleration out of range.
    #[error("acceleration = {0}: must be between 0 and 1e6 (1 is real time)")]
    Acceleration(f64),
    /// Scale out of range.
    #[error("scale = {0}: must be between 0 and 100 (1 is the model as it is)")]
    Scale(f64),
}

/// How the cells of a tower age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawAgeing", into = "RawAgeing")]
pub struct Ageing {
    model: AgeingModel,
    acceleration: f64,
    scale: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAgeing {
    #[serde(default)]
    model: AgeingModel,
    #[serde(default = "one")]
    acceleration: f64,
    #[serde(default = "one")]
    scale: f64,
}

fn one() -> f64 {
    1.0
}

impl Ageing {
    /// Ageing by a model.
    ///
    /// `acceleration`: ageing's time runs that many times faster, physics does not. `scale`: losses and growths are
    /// that many times the model's, because home systems in the field lose more than laboratory models say: 2 to 3
    /// points of their usable capacity a year (21 systems, all chemistries, RWTH Aachen).
    ///
    /// # Errors
    /// If a factor is negative, not finite, or absurdly large (acceleration over 1e6, scale over 100).
    pub fn new(model: AgeingModel, acceleration: f64, scale: f64) -> Result<Self, AgeingError> {
        if !(0.0..=1e6).contains(&acceleration) {
            return Err(AgeingError::Acceleration(acceleration));
        }
        if !(0.0..=100.0).contains(&scale) {
            return Err(AgeingError::Scale(scale));
        }
        Ok(Self { model, acceleration, scale })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> AgeingModel {
        self.model
    }

    /// How many times faster than physics its time runs.
    #[must_use]
    pub fn acceleration(&self) -> f64 {
        self.acceleration
    }

    /// How many times the model's losses and growths.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }
}

impl From<AgeingModel> for Ageing {
    fn from(model: AgeingModel) -> Self {
        Self { model, acceleration: 1.0, scale: 1.0 }
    }
}

impl Default for Ageing {
    fn default() -> Self {
        AgeingModel::default().into()
    }
}

impl TryFrom<RawAgeing> for Ageing {
    type Error = AgeingError;

    fn try_from(raw: RawAgeing) -> Result<Self, Self::Error> {
        Self::new(raw.model, raw.acceleration, raw.scale)
    }
}

impl From<Ageing> for RawAgeing {
    fn from(ageing: Ageing) -> Self {
        Self { model: ageing.model, acceleration: ageing.acceleration, scale: ageing.scale }
    }
}
