//! What a run leaves behind: time series, events, a picture, the energy balance, and which expectations held.
//!
//! Memory is constant in the length of the run: files are streamed, the picture keeps a fixed number of buckets that
//! coarsen as the run grows.

mod snapshot;

pub use snapshot::{HouseSnapshot, ModuleSnapshot, Snapshot, TowerSnapshot};
