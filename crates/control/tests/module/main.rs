//! The module controller, through its `step` alone.

mod charge;
mod conditions;
mod limits;
mod network;
mod properties;
mod rig;
mod sequence;
