//! The module controller, through its `step` alone.

mod aged;
mod band;
mod charge;
mod clearing;
mod conditions;
mod contact;
mod dormant;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod heals;
mod kept;
mod levels;
mod limits;
mod network;
mod properties;
mod reasons;
mod resistance;
mod rig;
mod sequence;
mod slow_afe;
mod way_out;
mod wear;
