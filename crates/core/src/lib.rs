//! What everyone in Voltower names: quantities with units, the catalogue of the products, conditions, states, panel
//! lights.
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no panics, no floats; every statement about the product carries
//! its provenance (manual with section, public source, ours).
//!
//! Start reading at [`panel`] (what a person sees) and [`catalogue`] (what the manual states).
#![no_std]

pub mod catalogue;
pub mod condition;
pub mod diagnosis;
pub mod finding;
pub mod levels;
pub mod panel;
pub mod quantity;
pub mod reason;
pub mod state;
pub mod values;

pub use condition::{Alarm, Condition, ConditionSet, Fault, Level};
pub use diagnosis::{BduSensor, Cause, Diagnosis};
pub use finding::{Finding, FindingSet};
pub use levels::{Levels, Relation, Threshold};
pub use quantity::{
    Charge, DeciCelsius, Duration, Instant, MilliAmps, MilliOhms, MilliVolts, MilliWatts, PerMille, Watts,
};
pub use reason::{Bindings, Reason, Reasons, Relief};
pub use state::{Binding, ModuleState, PcuState, ResetCause, StartFailure, TowerState};
